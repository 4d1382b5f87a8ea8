# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
received = outputs[outputs["address"] == case.address]
axes.plot(received["time"], received["value"] / 100_000_000, "o")
