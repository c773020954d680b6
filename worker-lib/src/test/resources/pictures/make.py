#!/usr/bin/env python3
"""Makes the pictures of this folder and golden.tsv: what an independent decoder and resampler makes of them.

Made with Debian 12's python3-pil 9.4.0 (libjpeg-turbo 2.1.5, libpng 1.6.39), libjpeg-turbo-progs 2.1.5 and
imagemagick 6.9.11 (for PNGs of which Pillow drops something). The motif is made up here. A row of golden.tsv: the file, how it
is asked for (channels, height, width, crop or stretch), the SHA-256 of [channels][height][width] bytes, and those of the
first, the middle and the last pixel.
"""
import hashlib
import math
import random
import struct
import subprocess
import zlib

from PIL import Image, ImageOps

WIDTH, HEIGHT = 37, 27
golden = []


def motif(width=WIDTH, height=HEIGHT, noise=12):
    """Gradients, an edge, a disc and some noise, red, green, blue and opacity: 16 bits each."""
    draw = random.Random(7)
    pixels = []
    for y in range(height):
        for x in range(width):
            disc = (x - width * 0.6) ** 2 + (y - height * 0.4) ** 2 < (height * 0.3) ** 2
            value = [x * 255 / (width - 1), y * 255 / (height - 1), 128 + 100 * math.sin((x + y) / 3)]
            value = [255 - v for v in value] if disc else value
            value = [240, 30, 10] if 3 < x < 8 else value
            value.append(255 if x < width / 2 else 255 - y * 255 / (height - 1))
            pixels.append([max(0, min(65535, round((v + draw.uniform(-noise, noise)) * 257))) for v in value])
    return pixels


def write_png(name, width, height, depth, colours, rows, interlace=0, extra=b"", level=9):
    """rows: lists of samples. All filters in turn."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    passes = [(0, 0, 1, 1)]
    if interlace:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    back = max(1, depth * channels // 8)
    packed = b""
    turn = 0
    for left, top, across, down in passes:
        above = None
        for y in range(top, height, down):
            samples = [s for x in range(left, width, across) for s in rows[y][x * channels : (x + 1) * channels]]
            if not samples:
                continue
            if depth == 16:
                line = b"".join(struct.pack(">H", s) for s in samples)
            else:
                bits = "".join(format(s, "0%db" % depth) for s in samples)
                bits += "0" * (-len(bits) % 8)
                line = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
            above = above or bytes(len(line))
            packed += bytes([turn]) + filtered(turn, line, above, back)
            above = line
            turn = (turn + 1) % 5
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlace)
    data = zlib.compress(packed, level)
    third = len(data) // 3
    with open(name, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra)
        out.write(chunk(b"IDAT", data[:third]) + chunk(b"IDAT", data[third:]) + chunk(b"IEND", b""))


def filtered(kind, line, above, back):
    out = bytearray()
    for i, value in enumerate(line):
        a = line[i - back] if i >= back else 0
        b = above[i]
        c = above[i - back] if i >= back else 0
        p = a + b - c
        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((value - [0, a, b, (a + b) // 2, paeth][kind]) & 255)
    return bytes(out)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def on_black(value, alpha):
    return (2 * value * alpha + 255) // 510


def record(name, image, fit="crop"):
    """image: what Pillow made of the file, of mode L or RGB, as our reader is to give it."""
    planes = [list(band.getdata()) for band in image.split()]
    data = b"".join(bytes(plane) for plane in planes)
    size = len(planes[0])
    told = [":".join(str(plane[i]) for plane in planes) for i in (0, size // 2, size - 1)]
    shape = "%d\t%d\t%d" % (len(planes), image.height, image.width)
    golden.append("%s\t%s\t%s\t%s\t%s" % (name, shape, fit, hashlib.sha256(data).hexdigest(), " ".join(told)))


def seen(size, pixels, channels, most):
    """Samples of 0 to most brought to the nearest of 8 bits, then laid on black by the last one."""
    image = Image.new("RGB", size)
    exact = [[(510 * v + most) // (2 * most) for v in p] for p in pixels]
    image.putdata([tuple(on_black(v, p[3]) for v in p[:3]) for p in exact])
    return image if channels == 3 else image.split()[0]


def magick(name, channels):
    """As ImageMagick reads it with libpng."""
    size = Image.open(name).size
    command = ["/usr/bin/convert-im6.q16", name, "-depth", "16", "-endian", "MSB", "rgba:-"]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    return seen(size, list(struct.iter_unpack(">4H", out)), channels, 65535)


def pillow(name):
    """As Pillow reads it with libpng."""
    image = Image.open(name).convert("RGBA")
    return seen(image.size, list(image.getdata()), 3, 255)


def pngs():
    deep = motif()
    shallow = [[(v * 255 + 32767) // 65535 for v in p] for p in deep]

    def rows(pixels, of):
        return [[s for p in pixels[y * WIDTH : (y + 1) * WIDTH] for s in of(p)] for y in range(HEIGHT)]

    for depth in (1, 2, 4, 8, 16):
        for interlace in (0, 1):
            name = "grey-%d%s.png" % (depth, "-interlaced" if interlace else "")
            write_png(name, WIDTH, HEIGHT, depth, 0, rows(deep, lambda p: [p[0] >> (16 - depth)]), interlace)
            record(name, magick(name, 1))
    palette = chunk(b"PLTE", bytes(v for i in range(16) for v in (i * 17, 255 - i * 9, (i * 53) % 256)))
    clear = chunk(b"tRNS", bytes([0, 100, 200]))
    for depth in (1, 2, 4, 8):
        name = "palette-%d.png" % depth
        indices = rows(deep, lambda p: [min(15, p[1] >> max(12, 16 - depth))])
        write_png(name, WIDTH, HEIGHT, depth, 3, indices, depth == 4, palette + clear)
        record(name, pillow(name))
    write_png("palette-4-stored.png", WIDTH, HEIGHT, 4, 3, rows(deep, lambda p: [p[1] >> 12]), 0, palette + clear, 0)
    record("palette-4-stored.png", pillow("palette-4-stored.png"))
    for interlace in (0, 1):
        suffix = "-interlaced" if interlace else ""
        write_png("rgb-8%s.png" % suffix, WIDTH, HEIGHT, 8, 2, rows(shallow, lambda p: p[:3]), interlace)
        write_png("rgb-16%s.png" % suffix, WIDTH, HEIGHT, 16, 2, rows(deep, lambda p: p[:3]), interlace)
        write_png("rgba-8%s.png" % suffix, WIDTH, HEIGHT, 8, 6, rows(shallow, lambda p: p), interlace)
        write_png("grey-alpha-8%s.png" % suffix, WIDTH, HEIGHT, 8, 4, rows(shallow, lambda p: p[1::2]), interlace)
        for name in ("rgb-8", "rgb-16", "rgba-8", "grey-alpha-8"):
            name += suffix + ".png"
            record(name, magick(name, 1 if "grey" in name else 3))
    write_png("rgba-16.png", WIDTH, HEIGHT, 16, 6, rows(deep, lambda p: p))
    write_png("grey-alpha-16.png", WIDTH, HEIGHT, 16, 4, rows(deep, lambda p: p[1::2]))
    record("rgba-16.png", magick("rgba-16.png", 3))
    record("grey-alpha-16.png", magick("grey-alpha-16.png", 1))
    key = shallow[40][:3]
    write_png("rgb-8-key.png", WIDTH, HEIGHT, 8, 2, rows(shallow, lambda p: p[:3]), 0, chunk(b"tRNS", struct.pack(">HHH", *key)))
    record("rgb-8-key.png", magick("rgb-8-key.png", 3))
    write_png("grey-4-key.png", WIDTH, HEIGHT, 4, 0, rows(deep, lambda p: [p[0] >> 12]), 1, chunk(b"tRNS", struct.pack(">H", 9)))
    record("grey-4-key.png", magick("grey-4-key.png", 1))


def jpegs():
    shallow = [tuple((v * 255 + 32767) // 65535 for v in p) for p in motif()]
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.putdata([p[:3] for p in shallow])
    image.save("/tmp/motif.ppm")
    scans = "/tmp/scans.txt"
    with open(scans, "w") as out:
        out.write("0;\n1;\n2;\n")
    for name, options in {
        "444": ["-sample", "1x1"],
        "422": ["-sample", "2x1"],
        "420": ["-sample", "2x2"],
        "440": ["-sample", "1x2"],
        "411": ["-sample", "4x1"],
        "410": ["-sample", "4x2"],
        "uneven": ["-sample", "2x2,1x2,2x1"],
        "grey": ["-grayscale"],
        "grey-2x2": ["-grayscale", "-sample", "2x2"],
        "rgb": ["-rgb"],
        "restarts": ["-sample", "2x2", "-restart", "2B"],
        "separate": ["-sample", "2x2", "-scans", scans, "-restart", "3B"],
        "optimized": ["-sample", "2x2", "-optimize"],
        "fine": ["-sample", "1x1", "-quality", "100"],
        "extended": ["-sample", "2x2", "-quality", "3"],
        "progressive": ["-sample", "2x2", "-progressive"],
        "progressive-444-restarts": ["-sample", "1x1", "-progressive", "-quality", "97", "-restart", "4B"],
        "progressive-grey": ["-grayscale", "-progressive"],
    }.items():
        quality = [] if "-quality" in options else ["-quality", "85"]
        subprocess.run(["cjpeg", *quality, *options, "-outfile", name + ".jpg", "/tmp/motif.ppm"], check=True)
        record(name + ".jpg", Image.open(name + ".jpg"))
    cmyk = image.convert("CMYK")
    cmyk.putdata([(255 - p[0], 255 - p[1], 255 - p[2], p[3] // 3) for p in shallow])
    cmyk.save("cmyk.jpg", quality=90)
    with open("cmyk.jpg", "rb") as file:
        data = file.read()
    adobe = data.index(b"Adobe") + 11
    with open("ycck.jpg", "wb") as out:
        out.write(data[:adobe] + b"\2" + data[adobe + 1 :])
    for name in ("cmyk.jpg", "ycck.jpg"):
        record(name, Image.open(name).convert("RGB"))
    for width, height in ((1, 1), (2, 3), (5, 4), (16, 16), (17, 33)):
        name = "tiny-%dx%d.jpg" % (width, height)
        image.crop((3, 3, 3 + width, 3 + height)).resize((width, height)).save(name, quality=90, subsampling=2)
        record(name, Image.open(name))


def orientations():
    image = Image.open("444.jpg")
    for number in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = number
        name = "orientation-%d.jpg" % number
        image.save(name, quality=70, subsampling=0, exif=exif)
        record(name, ImageOps.exif_transpose(Image.open(name)))


def sizes():
    for name in ("420.jpg", "rgb-8.png"):
        image = Image.open(name)
        for width, height in ((28, 28), (8, 8), (1, 1), (64, 64), (74, 54), (10, 27), (12, 6)):
            record(name, ImageOps.fit(image, (width, height), Image.BILINEAR))
            record(name, image.resize((width, height), Image.BILINEAR), "stretch")
            record(name, ImageOps.fit(image.convert("L"), (width, height), Image.BILINEAR))
    record("grey-8.png", Image.open("grey-8.png").convert("RGB").resize((20, 10), Image.BILINEAR), "stretch")


pngs()
jpegs()
orientations()
sizes()
with open("golden.tsv", "w") as out:
    out.write("file\tchannels\theight\twidth\tfit\tsha256\tpixels\n" + "\n".join(golden) + "\n")
