# loses: plot=1

# %% answer="plot"
figure, axes = plt.subplots()
received = outputs[outputs["address"] == case.address]["value"].sum()
axes.bar(["all"], [received])
axes.set_xlabel("all the time")
axes.set_ylabel("satoshi")
