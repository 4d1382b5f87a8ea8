# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
received = outputs[outputs["address"] == case.address]
axes.bar(received["time"], received["value"])
axes.set_xlabel("time")
axes.set_ylabel("amount")
