"""Verifies an export with the standard library alone, from docs/trust.md: python3 verify_export.py EXPORT PUBLIC_KEY.pem"""
import base64, hashlib, json, pathlib, sys

P, D = 2**255 - 19, -121665 * pow(121666, -1, 2**255 - 19) % (2**255 - 19)


def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x % 2 != sign else x), y


def plus(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def times(n, point):
    total = (0, 1)
    while n:
        total, point, n = plus(total, point) if n & 1 else total, plus(point, point), n >> 1
    return total


def point_of(raw):
    n = int.from_bytes(raw, "little")
    return recover(n & (2**255 - 1), n >> 255)


def signed(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little")
    base = recover(4 * pow(5, -1, P) % P, 0)
    return times(s, base) == plus(point_of(r), times(h, point_of(key)))


def sha(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) < 2:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + root(leaves[:split]) + root(leaves[split:]))


def url64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def ledger_of(folder, key):
    """Its entries, and what is wrong with it."""
    lines, wrong = [], []
    for day in sorted(folder.glob("*.entries")):
        lines += day.read_text().split("\n")[1:-1]
    leaves = [sha(b"\0" + line.encode()) for line in lines]
    for day in sorted(folder.glob("*.checkpoints")):
        parts = day.read_text().split("\n\n")
        for text, signatures in zip(parts[0::2], parts[1::2]):
            origin, size, given = text.split("\n")
            raw = base64.b64decode(signatures.split("\n")[0].split(" ")[2])
            if origin != f"leasegate/ledger/{folder.name}" or raw[:4] != sha(f"{origin}\n\1".encode() + key)[:4]:
                wrong.append(f"checkpoint of another key: {size}")
            elif not signed(key, (text + "\n").encode(), raw[4:]):
                wrong.append(f"signature: {size}")
            elif root(leaves[: int(size)]) != base64.b64decode(given):
                wrong.append(f"root: {size}")
    return lines, wrong


NOTHING = {"risks": [None]}
LATER = {"approval": [["changes"]], "decision": [["risks"]], "lease": [["parameters", "ancestors", "narrowing"], ["delegated_by"]]}


def halves(shapes, table, row):
    for kind, shape in shapes.items():
        if shape["table"] == table and row[shape["has"]] is not None:
            columns = shape["key"] + shape["columns"]
            # What came with a version is not among the bytes of a row that says nothing in it, nor in what came later.
            later = LATER.get(kind, [])
            said = [at for at, names in enumerate(later) if any(row[name] not in NOTHING.get(name, ["", []]) for name in names)]
            version = max(said, default=-1) + 2
            left = {name for names in later[version - 1 :] for name in names}
            values = [f"leasegate/{kind}/{version}"] + [row[c] for c in columns if c not in left]
            yield kind, url64(sha(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()))


export, key_file, shapes = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), json.loads(sys.argv[3])
key = base64.b64decode("".join(key_file.read_text().split("\n")[1:-2]))[-32:]
entered, wrong = set(), []
for folder in sorted((export / "ledgers").iterdir()):
    lines, bad = ledger_of(folder, key)
    wrong += bad
    entered |= {(line.split(" ")[0], line.split(" ")[3]) for line in lines if line.split(" ")[0] in shapes}
there = set()
for file in (export / "rows").glob("*/*.jsonl"):
    for line in file.read_text().split("\n")[:-1]:
        there |= set(halves(shapes, file.parent.name, json.loads(line)))
print(json.dumps({"wrong": wrong, "missing": len(entered - there), "strange": len(there - entered), "good": len(there & entered)}))
