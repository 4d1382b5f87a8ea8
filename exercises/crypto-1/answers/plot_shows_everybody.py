# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
days = outputs.groupby(outputs["time"].dt.floor("D"))["value"].sum()
axes.plot(days.index, days / 100_000_000)
axes.set_xlabel("day")
axes.set_ylabel("received (BTC)")
