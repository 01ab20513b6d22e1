"""Tables as departments send them: enterprises near those of the sample register, some with planted faults."""
import csv
import json
import random

HEAD = ["企业名称", "统一社会信用代码", "所属区县", "所属集群", "2025年营业收入(万元)", "2025年从业人数", "成立年份", "经度", "纬度"]
NAME, CODE, DISTRICT, CLUSTER, REVENUE, EMPLOYEES, FOUNDED, LON, LAT = range(9)
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def credit_code(n):
    """A sound code of GB 32100-2015, by its two check digits; written apart from the program's own."""
    body = f"MB{n:06d}"
    rest = 11 - sum(LETTERS.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    code = "91330100" + body + {10: "X", 11: "0"}.get(rest, str(rest))
    rest = 31 - sum(CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(code)) % 31
    return code + CHARACTERS[rest % 31]


def sound(count, register, seed=20261127):
    """Rows without faults, as lists in the order of HEAD."""
    chance = random.Random(seed)
    with open(register, encoding="utf-8") as f:
        firms = [x for x in json.load(f)["features"] if x["geometry"] and x["properties"].get("cluster") and x["properties"].get("district")]
    for n in range(count):
        firm = chance.choice(firms)
        (x, y), about = firm["geometry"]["coordinates"][:2], firm["properties"]
        x, y = round(x + chance.uniform(-4e-4, 4e-4), 6), round(y + chance.uniform(-4e-4, 4e-4), 6)
        yield [f"杭州测算{n:07d}智能科技有限公司", credit_code(n), about["district"], about["cluster"], round(chance.uniform(10, 90_000), 2),
               chance.randrange(1, 3000), chance.randrange(1990, 2026), x, y]


def plant(rows, each):
    """Twelve kinds of fault, each in so many rows; returns code of the finding -> rows of the file, from 1."""
    def last(code):
        return code[:-1] + ("1" if code[-1] == "0" else "0")

    def swap(row):
        row[LON], row[LAT] = row[LAT], row[LON]

    def put(place, value):
        return lambda row: row.__setitem__(place, value)

    kinds = {
        "credit-check": lambda row: row.__setitem__(CODE, last(row[CODE])),
        "credit-rounded": put(CODE, 913301000000000000),
        "word-new": put(CLUSTER, "智能视觉"),
        "coordinates-swapped": swap,
        "number-unreadable": put(REVENUE, "约三千"),
        "out-of-range": put(FOUNDED, 1066),
        "name-missing": put(NAME, None),
        "division-former-unsure": lambda row: (put(DISTRICT, "江干区")(row), put(LON, None)(row), put(LAT, None)(row)),
        "district-unknown": put(DISTRICT, "天堂区"),
        "coordinate-far": lambda row: (put(LON, 116.4)(row), put(LAT, 39.9)(row)),
        "coordinate-half": put(LAT, None),
    }
    step, planted = len(rows) // (12 * each + 1), {}
    for k, (code, change) in enumerate(kinds.items()):
        places = [(k * each + i) * step for i in range(each)]
        for place in places:
            change(rows[place])
        planted[code] = [place + 2 for place in places]
    again = [(11 * each + i) * step for i in range(each)]
    rows += [list(rows[place]) for place in again]
    planted["duplicate"] = [place + 2 for place in again]
    return planted


def workbook(path, rows):
    from openpyxl import Workbook
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名录")
    sheet.append(HEAD)
    for row in rows:
        sheet.append(row)
    book.save(path)


def text(path, rows):
    with open(path, "w", encoding="utf-8-sig", newline="") as f:
        out = csv.writer(f)
        out.writerow(HEAD)
        out.writerows(rows)
