# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
spent = inputs[inputs["address"] == case.address].merge(chain.blocks[["height", "time"]], on="height")
axes.bar(spent["time"], spent["value"].astype(float) / 100_000_000)
axes.set_xlabel("time")
axes.set_ylabel("BTC")
