"""Reads just enough of a vector tile to count its rows: the features of a layer, and the sum of their `n`."""


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    """(number, value) of a message: bytes, or the integer of a varint."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[key & 7]
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def whole(value):
    for number, v in fields(value):
        if number in (4, 5):
            return v
        if number == 6:
            return (v >> 1) ^ -(v & 1)
    return None


def rows(tile, count="n"):
    """How many rows the tile stands for: a feature that has `n` stands for so many, any other for one."""
    total = 0
    for number, layer in fields(tile):
        if number != 3:
            continue
        keys, values, features = [], [], []
        for field, value in fields(layer):
            {2: features, 3: keys, 4: values}.get(field, []).append(value)
        n = keys.index(count.encode()) if count.encode() in keys else -1
        for feature in features:
            stands_for = 1
            for field, value in fields(feature):
                if field == 2:
                    tags, at = [], 0
                    while at < len(value):
                        tag, at = varint(value, at)
                        tags.append(tag)
                    for k, v in zip(tags[::2], tags[1::2]):
                        if k == n:
                            stands_for = whole(values[v])
            total += stands_for
    return total
