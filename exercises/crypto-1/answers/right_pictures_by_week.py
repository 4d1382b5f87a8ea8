# right
# The exercise's own solution, with other pictures: bars by week in satoshi.

# %% answer="plot"
received = outputs[outputs["address"] == case.address]
weeks = received.set_index("time")["value"].resample("W").sum()
figure, axes = plt.subplots(figsize=(8, 3))
axes.bar([str(week.date()) for week in weeks.index], weeks)
axes.tick_params(axis="x", rotation=45)
axes.set_xlabel("week that ends on")
axes.set_ylabel("Satoshi received")
