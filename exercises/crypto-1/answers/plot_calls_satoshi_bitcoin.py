# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
received = outputs[outputs["address"] == case.address]
axes.plot(received["time"], received["value"], "o")
axes.set_xlabel("time")
axes.set_ylabel("received (BTC)")
