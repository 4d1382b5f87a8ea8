# right
# Tables all the way, as somebody would write who knows pandas.

# %% answer="block-time"
def block_time(raw):
    return pd.to_datetime(int.from_bytes(raw[68:72], "little"), unit="s", utc=True)


# %% answer="block-hash"
def block_hash(raw):
    def twice(data):
        return hashlib.sha256(hashlib.sha256(data).digest())

    return bytes(reversed(twice(raw[:80]).digest())).hex().upper()


# %% answer="transaction-count"
def transaction_count(raw):
    lengths = {253: 2, 254: 4, 255: 8}
    extra = lengths.get(raw[80], 0)
    return int.from_bytes(raw[81 : 81 + extra], "little") if extra else raw[80]


# %% answer="fees"
def fees(inputs, outputs):
    coinbase = set(inputs.loc[inputs["value"].isna(), "txid"])
    sums = pd.DataFrame(
        {
            "in": inputs.groupby("txid")["value"].sum(),
            "out": outputs.groupby("txid")["value"].sum(),
        }
    )
    return (sums["in"] - sums["out"]).drop(index=list(coinbase), errors="ignore")


# %% answer="balance"
def balance(inputs, outputs, address):
    moves = pd.concat(
        [outputs[["address", "value"]], inputs[["address", "value"]].assign(value=-inputs["value"])]
    )
    return moves.groupby("address")["value"].sum().get(address, 0)


# %% answer="plot"
received = outputs[outputs["address"] == case.address].set_index("time")["value"] / 100_000_000
axes = received.sort_index().cumsum().plot(drawstyle="steps-post", figsize=(8, 3))
axes.set(xlabel="date", ylabel="received so far (BTC)", title=case.address)
figure = axes.figure

# %% answer="tip"
payments = outputs.query("address == @case.address").merge(inputs, on="txid", suffixes=("", "_from"))
tip_searched = pd.Index(outputs.loc[outputs["address"] == case.address, "txid"]).unique()
tip_evidence = payments.loc[payments["address_from"] == case.tip_address, "txid"].unique()
tip_supported = len(tip_evidence) != 0
