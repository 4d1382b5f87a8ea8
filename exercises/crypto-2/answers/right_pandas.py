# right
# Tables all the way, and SciPy for the purses.

# %% answer="co-spend"
def purses(inputs):
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    txs, _ = pd.factorize(inputs["txid"])
    addresses, names = pd.factorize(inputs["address"])
    size = len(names) + txs.max() + 1
    graph = coo_matrix(([1] * len(txs), (addresses, txs + len(names))), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    members = pd.Series(names).groupby(group[: len(names)])
    return [set(each) for _, each in members]

# %% answer="change"
own = inputs[inputs["address"].isin(purse)]["txid"].drop_duplicates()
own = own[~own.isin(joint["txid"])]
rows = outputs[outputs["txid"].isin(own)]
rows = rows[rows.groupby("txid")["n"].transform("size") >= 2]
change = rows[rows["address"].isin(purse)].set_index("txid")["n"].to_dict()
