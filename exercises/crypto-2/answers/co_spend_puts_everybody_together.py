# loses: co-spend=3

# %% answer="co-spend"
def purses(inputs):
    return [set(inputs["address"])]
