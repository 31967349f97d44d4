"""Pictures drawn by rule and chance: four artists' hands, and some more."""

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Choice = TypeVar("Choice")
Colour = tuple[int, int, int]
Draw = Callable[[np.random.Generator], Image.Image]

SIDE = 800
"""Longer side of a finished picture, in pixels."""

FINE = 2
"""Pictures are drawn this many times larger, for smooth edges."""

Field = NDArray[np.float64]


def paper_moon(rng: np.random.Generator) -> Image.Image:
    """Mountains cut from paper, one behind the other, below a moon."""
    sky, haze, front = _pick(
        rng,
        [
            ((38, 40, 84), (236, 152, 132), (24, 22, 48)),
            ((250, 214, 165), (238, 134, 98), (74, 30, 44)),
            ((126, 178, 204), (240, 232, 210), (22, 62, 66)),
            ((62, 46, 96), (196, 150, 196), (30, 18, 52)),
        ],
    )
    wide, high = SIDE * FINE, int(SIDE * FINE * 0.75)
    picture = _gradient(wide, high, sky, haze)
    draw = ImageDraw.Draw(picture)
    for _ in range(70):
        x, y, r = _whole(rng, 0, wide), _whole(rng, 0, high // 2), _whole(rng, 1, 4)
        _disc(draw, x, y, r, fill=_mix(sky, (255, 255, 240), 0.75))
    x, y = _whole(rng, wide // 4, 3 * wide // 4), _whole(rng, 170, 420)
    r = _whole(rng, 90, 170)
    glow = Image.new("L", (wide, high))
    _disc(ImageDraw.Draw(glow), x, y, 2 * r, fill=120)
    picture.paste((255, 246, 220), mask=glow.filter(ImageFilter.GaussianBlur(r)))
    _disc(ImageDraw.Draw(picture), x, y, r, fill=(255, 247, 226))
    layers = 6
    for layer in range(layers):
        nearness = layer / (layers - 1)
        ridge = high * (0.42 + 0.5 * nearness) + _ridge(rng, wide, high * (0.16 - 0.1 * nearness))
        shape = Image.new("L", (wide, high))
        pen = ImageDraw.Draw(shape)
        outline = list(zip(range(0, wide, 4), ridge[::4].tolist(), strict=True))
        pen.polygon([(0, high), *outline, (wide, ridge[-1]), (wide, high)], fill=255)
        if layer >= layers - 3:
            _pines(rng, pen, ridge, 24 + 34 * (layer - layers + 3))
        shadow = ImageChops.offset(shape, 0, -14).filter(ImageFilter.GaussianBlur(16))
        picture.paste(_mix(front, haze, 0.3), mask=shadow.point(lambda v: v // 3))
        picture.paste(_mix(haze, front, 0.15 + 0.85 * nearness), mask=shape)
    return _finished(picture, rng, grain=5)


def ink_garden(rng: np.random.Generator) -> Image.Image:
    """A branch in ink on cream paper, with blossoms in one colour and a red seal."""
    wide, high = int(SIDE * FINE * 0.75), SIDE * FINE
    picture = Image.new("RGB", (wide, high), (244, 236, 218))
    wash = Image.new("L", (wide, high))
    for _ in range(4):
        x, y, r = _whole(rng, 0, wide), _whole(rng, 0, high), _whole(rng, 150, 400)
        ImageDraw.Draw(wash).ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=34)
    picture.paste((120, 126, 132), mask=wash.filter(ImageFilter.GaussianBlur(110)))
    tips: list[tuple[float, float]] = []
    ink = Image.new("L", (wide, high))
    pen = ImageDraw.Draw(ink)
    left = bool(rng.integers(2))
    start = (wide * (0.08 if left else 0.92), high * 1.01)
    heading = -math.pi * float(rng.uniform(0.36, 0.42) if left else rng.uniform(0.58, 0.64))
    _branch(rng, pen, start, heading, thickness=62.0, tips=tips)
    dry = _noise(rng, high, wide, 5) > 0.22
    ink = ImageChops.multiply(ink, Image.fromarray(np.where(dry, 255, 120).astype(np.uint8)))
    picture.paste((30, 28, 32), mask=ink.filter(ImageFilter.GaussianBlur(1.6)))
    petal = _pick(rng, [(206, 60, 72), (226, 128, 148), (222, 150, 62), (110, 92, 168)])
    for tip in tips:
        if rng.random() < 0.72:
            _blossom(rng, picture, *tip, petal)
        else:
            _disc(ImageDraw.Draw(picture), *tip, float(rng.uniform(7, 15)), fill=petal)
    _seal(rng, picture, wide - 190 if left else 70, 80)
    return _finished(picture, rng, grain=7)


def tide_pool(rng: np.random.Generator) -> Image.Image:
    """A shore in short, thick strokes that follow the wind."""
    wide, high = SIDE * FINE, int(SIDE * FINE * 0.8)
    sky, sea, sun, land = _pick(
        rng,
        [
            ((246, 190, 120), (48, 98, 146), (255, 236, 170), (96, 62, 84)),
            ((118, 170, 216), (22, 92, 120), (255, 226, 140), (74, 104, 66)),
            ((92, 72, 140), (26, 40, 98), (250, 214, 190), (34, 28, 62)),
            ((238, 148, 126), (90, 74, 140), (255, 220, 150), (66, 40, 76)),
        ],
    )
    horizon = int(high * rng.uniform(0.4, 0.6))
    scene = _gradient(wide, horizon, _mix(sky, (60, 80, 150), 0.35), sky)
    whole = Image.new("RGB", (wide, high))
    whole.paste(scene, (0, 0))
    whole.paste(_gradient(wide, high - horizon, _mix(sea, sky, 0.45), sea), (0, horizon))
    draw = ImageDraw.Draw(whole)
    x, r = _whole(rng, wide // 5, 4 * wide // 5), _whole(rng, 80, 130)
    y = horizon - _whole(rng, r, 2 * r + 60)
    _disc(draw, x, y, r, fill=sun)
    for depth in range(horizon, high, 26):
        reach = int(rng.uniform(0.4, 1.0) * r * (1 - 0.4 * (depth - horizon) / (high - horizon)))
        draw.line((x - reach, depth, x + reach, depth), fill=_mix(sea, sun, 0.7), width=14)
    hill = horizon - 30 - np.abs(_ridge(rng, wide, 150))
    hill = hill + np.linspace(-60, 190, wide) * (1 if rng.integers(2) else -1)
    points = list(zip(range(0, wide, 8), np.minimum(hill, horizon)[::8].tolist(), strict=True))
    draw.polygon([(0, horizon), *points, (wide, horizon)], fill=land)
    return _finished(_painted(rng, whole), rng, grain=3)


def stained_glass(rng: np.random.Generator) -> Image.Image:
    """A rose window: panes of colour held by lead, brightest in the middle."""
    side = SIDE
    y, x = np.mgrid[:side, :side] / side - 0.5
    turn, out = np.arctan2(y, x), np.hypot(x, y)
    petals, rings = _whole(rng, 8, 15), 0.085
    folded = np.abs((turn / (2 * math.pi) * petals) % 1 - 0.5) * 2
    ring = np.floor((out + 0.018 * folded) / rings)
    pane = ring * 64 + np.floor(turn / (2 * math.pi) * petals * np.maximum(1, ring % 3))
    names, which = np.unique(pane, return_inverse=True)
    hues = np.array([(176, 32, 48), (30, 66, 150), (226, 170, 50), (36, 122, 84), (120, 52, 140)])
    colours = hues[rng.integers(len(hues), size=len(names))] * rng.uniform(
        0.7, 1.2, (len(names), 1)
    )
    light = (1.15 - 0.9 * out)[..., None] * (0.85 + 0.3 * _noise(rng, side, side, 5))[..., None]
    glass = colours[which.reshape(side, side)] * light
    image = Image.fromarray(np.clip(glass, 0, 255).astype(np.uint8))
    edges = np.zeros((side, side), bool)
    edges[1:] |= pane[1:] != pane[:-1]
    edges[:, 1:] |= pane[:, 1:] != pane[:, :-1]
    edges |= out > 0.485
    lead = Image.fromarray(edges.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(7))
    image.paste((18, 16, 20), mask=lead.filter(ImageFilter.GaussianBlur(0.8)))
    return image


def night_city(rng: np.random.Generator) -> Image.Image:
    """Towers with lit windows, and their lights in the water."""
    wide, high = SIDE * FINE, int(SIDE * FINE * 0.75)
    shore = int(high * 0.7)
    picture = _gradient(wide, high, (14, 18, 46), (128, 74, 120))
    draw = ImageDraw.Draw(picture)
    for layer, shade in enumerate(((58, 48, 92), (34, 30, 66), (14, 13, 32))):
        x = -20
        while x < wide:
            width = _whole(rng, 70, 190)
            tall = _whole(rng, 180, 640 - 110 * layer)
            top = shore - tall
            draw.rectangle((x, top, x + width, shore), fill=shade)
            if rng.random() < 0.3:
                draw.line((x + width // 2, top - 60, x + width // 2, top), fill=shade, width=6)
            warm = _pick(rng, [(255, 214, 130), (255, 238, 190), (150, 200, 255)])
            for row in range(top + 18, shore - 16, 26):
                for column in range(x + 12, x + width - 14, 24):
                    if rng.random() < 0.22 + 0.12 * layer:
                        light = _mix(shade, warm, float(rng.uniform(0.5, 1)))
                        draw.rectangle((column, row, column + 10, row + 13), fill=light)
            x += width + _whole(rng, -10, 24)
    water = picture.crop((0, 2 * shore - high, wide, shore)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    rows = np.asarray(water).astype(np.float64)
    sway = (14 * np.sin(np.arange(len(rows)) / 5) * np.linspace(0.2, 2, len(rows))).astype(int)
    rows = np.stack([np.roll(row, shift, axis=0) for row, shift in zip(rows, sway, strict=True)])
    water = Image.fromarray((rows * 0.62 + np.array([6, 10, 26])).astype(np.uint8))
    picture.paste(water.filter(ImageFilter.GaussianBlur(2.5)), (0, shore))
    return _finished(picture, rng, grain=4)


def nebula(rng: np.random.Generator) -> Image.Image:
    """Clouds of light between stars."""
    side = SIDE
    low, mid, top = _pick(
        rng,
        [
            ((8, 8, 28), (120, 40, 130), (255, 190, 150)),
            ((4, 14, 30), (20, 110, 150), (230, 240, 210)),
        ],
    )
    warp = _noise(rng, side, side, 6)
    y, x = np.mgrid[:side, :side] / side - 0.5
    band = np.exp(-((x * 0.6 + y + 0.25 * (warp - 0.5)) ** 2) / 0.05)
    cloud = np.clip(1.7 * _noise(rng, side, side, 3) ** 2 * (0.15 + band * warp), 0, 1)[..., None]
    colour = np.where(
        cloud < 0.5,
        np.array(low) + (np.array(mid) - low) * 2 * cloud,
        np.array(mid) + (np.array(top) - mid) * (2 * cloud - 1),
    )
    stars = np.zeros((side, side))
    stars[rng.integers(side, size=420), rng.integers(side, size=420)] = rng.uniform(90, 255, 420)
    sky = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
    points = Image.fromarray(stars.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    glow = points.filter(ImageFilter.GaussianBlur(3)).point(lambda v: min(255, 6 * v))
    sky.paste(
        (255, 250, 240), mask=ImageChops.lighter(points.point(lambda v: min(255, 3 * v)), glow)
    )
    return sky


def koi(rng: np.random.Generator) -> Image.Image:
    """Fish in a pond, seen from above, with rings on the water."""
    side = SIDE * FINE
    depth = _noise(rng, side, side, 4)[..., None]
    water = np.array((18, 74, 88)) + np.array((40, 70, 60)) * depth
    picture = Image.fromarray(water.astype(np.uint8))
    for _ in range(5):
        x, y = rng.integers(side, size=2)
        for ring in range(1, 5):
            r = ring * _whole(rng, 36, 60)
            box = (x - r, y - r, x + r, y + r)
            ImageDraw.Draw(picture).ellipse(box, outline=(120, 176, 176), width=4)
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    for _ in range(6):
        _fish(rng, picture, *(rng.uniform(0.15, 0.85, 2) * side))
    return _finished(picture, rng, grain=3)


def blank_page(rng: np.random.Generator) -> Image.Image:
    """Paper, and nothing on it."""
    return _finished(Image.new("RGB", (SIDE * FINE, SIDE * FINE), (250, 249, 245)), rng, grain=1)


def collage(works: list[Image.Image], rng: np.random.Generator) -> Image.Image:
    """Pieces of works on a coloured board, turned a little."""
    board = Image.new("RGB", (SIDE, int(SIDE * 0.75)), (198, 92, 72))
    for place, work in zip(((30, 40), (420, 60), (180, 290)), works, strict=True):
        piece = work.resize((350, 350 * work.height // work.width)).crop((0, 0, 350, 262))
        turned = piece.convert("RGBA").rotate(
            float(rng.uniform(-7, 7)), Image.Resampling.BICUBIC, expand=True
        )
        board.paste(turned, place, turned)
    return board


def _pick(rng: np.random.Generator, choices: list[Choice]) -> Choice:
    return choices[_whole(rng, 0, len(choices))]


def _whole(rng: np.random.Generator, low: int, high: int) -> int:
    """A whole number, below `high`."""
    return int(rng.integers(low, high))


def _disc(
    pen: ImageDraw.ImageDraw, x: float, y: float, r: float, fill: int | tuple[int, ...]
) -> None:
    pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; 0 is the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _gradient(wide: int, high: int, top: Colour, bottom: Colour) -> Image.Image:
    way = np.linspace(0, 1, high)[:, None, None]
    rows = np.array(top) + (np.array(bottom) - np.array(top)) * way
    return Image.fromarray(np.broadcast_to(rows, (high, wide, 3)).astype(np.uint8))


def _noise(rng: np.random.Generator, high: int, wide: int, coarsest: int) -> Field:
    """Clouds: random grids, each twice as fine and half as strong; 0 to 1."""
    total = np.zeros((high, wide))
    for octave in range(6):
        cells = coarsest * 2**octave
        grid = Image.fromarray(rng.random((cells, cells)).astype(np.float32))
        total += np.asarray(grid.resize((wide, high), Image.Resampling.BICUBIC)) / 2**octave
    clouds: Field = (total - total.min()) / (total.max() - total.min())
    return clouds


def _ridge(rng: np.random.Generator, wide: int, height: float) -> Field:
    """A mountain's outline: waves, each twice as short and half as high."""
    x = np.linspace(0, 2 * math.pi, wide)
    waves = [
        np.sin(x * 1.4 * 2**k * rng.uniform(0.8, 1.2) + rng.uniform(0, 6)) / 2**k for k in range(7)
    ]
    outline: Field = height * np.sum(waves, axis=0)
    return outline


def _pines(rng: np.random.Generator, pen: ImageDraw.ImageDraw, ridge: Field, tall: int) -> None:
    x = 0
    while x < len(ridge):
        size = tall * float(rng.uniform(0.5, 1.3))
        foot = float(ridge[x]) + 6
        for storey in range(3):
            top = foot - size * (1 - 0.26 * storey)
            half = size * (0.12 + 0.07 * storey)
            pen.polygon(
                [(x, top), (x - half, top + size * 0.46), (x + half, top + size * 0.46)], 255
            )
        x += _whole(rng, max(4, tall // 4), 4 * tall)


def _branch(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    heading: float,
    *,
    thickness: float,
    tips: list[tuple[float, float]],
) -> None:
    """Grow a branch that forks while it thins; `tips` gathers where blossoms sit."""
    x, y = start
    upwards = heading
    for step in range(90):
        # Back to where it was heading for, so that a branch wanders and does not curl up.
        heading += float(rng.normal(0, 0.13)) + 0.12 * (upwards - heading)
        before = (x, y)
        x, y = x + 17 * math.cos(heading), y + 17 * math.sin(heading)
        thickness *= 0.972
        width = max(4.0, thickness * float(rng.uniform(0.85, 1.1)))
        pen.line([before, (x, y)], fill=255, width=round(width))
        r = width / 2 - 0.5
        _disc(pen, x, y, r, fill=255)
        if thickness < 30 and rng.random() < 0.2:
            tips.append((x + float(rng.normal(0, 18)), y + float(rng.normal(0, 18))))
        if thickness > 8 and step > 4 and rng.random() < 0.13:
            side = 1 if rng.random() < 0.5 else -1
            turn = heading + side * float(rng.uniform(0.45, 0.95))
            _branch(rng, pen, (x, y), turn, thickness=thickness * 0.66, tips=tips)
        if thickness < 5:
            break
    tips.append((x, y))


def _blossom(
    rng: np.random.Generator, picture: Image.Image, x: float, y: float, petal: Colour
) -> None:
    size, turn = float(rng.uniform(20, 36)), float(rng.uniform(0, 6))
    pen = ImageDraw.Draw(picture)
    for k in range(5):
        way = turn + k * 2 * math.pi / 5
        cx, cy = x + size * 0.72 * math.cos(way), y + size * 0.72 * math.sin(way)
        r = size * 0.62
        shade = _mix(petal, (255, 244, 236), float(rng.uniform(0.1, 0.45)))
        _disc(pen, cx, cy, r, fill=shade)
    for k in range(7):
        way = turn + k * 2 * math.pi / 7
        tip = (x + size * 0.6 * math.cos(way), y + size * 0.6 * math.sin(way))
        pen.line([(x, y), tip], fill=_mix(petal, (60, 10, 20), 0.5), width=3)


def _seal(rng: np.random.Generator, picture: Image.Image, x: int, y: int) -> None:
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((x, y, x + 120, y + 120), 16, fill=(186, 40, 36))
    for row in range(3):
        for column in range(2):
            left, top = x + 18 + 46 * column, y + 18 + 31 * row
            for _ in range(2):
                ends = rng.integers(0, 28, 4).tolist()
                line = [(left + ends[0], top + ends[1]), (left + ends[2], top + ends[3])]
                pen.line(line, fill=(246, 232, 214), width=7)


def _painted(rng: np.random.Generator, scene: Image.Image) -> Image.Image:
    """A picture in strokes along a field of wind."""
    wide, high = scene.size
    colours = np.asarray(scene)
    wind = (_noise(rng, high, wide, 3) - 0.5) * 2.6
    canvas = scene.filter(ImageFilter.GaussianBlur(10))
    pen = ImageDraw.Draw(canvas)
    for width, length, count in ((28, 84, 1700), (17, 60, 3000), (11, 40, 2600)):
        for _ in range(count):
            x, y = _whole(rng, 0, wide), _whole(rng, 0, high)
            way = float(wind[y, x])
            dx, dy = length / 2 * math.cos(way), length / 2 * math.sin(way)
            shade = colours[y, x] + rng.normal(0, 13) + rng.normal(0, 7, 3)
            red, green, blue = np.clip(shade, 0, 255).astype(int).tolist()
            bow = float(rng.normal(0, width / 2))
            middle = (x - bow * math.sin(way), y + bow * math.cos(way))
            line = [(x - dx, y - dy), middle, (x + dx, y + dy)]
            pen.line(line, fill=(red, green, blue), width=width, joint="curve")
    return canvas


def _fish(rng: np.random.Generator, picture: Image.Image, x: float, y: float) -> None:
    way, size = float(rng.uniform(0, 6.3)), float(rng.uniform(150, 230))
    skin = _pick(rng, [(240, 236, 226), (232, 120, 50), (244, 190, 80)])
    patch = _pick(rng, [(222, 74, 36), (34, 32, 38), (240, 238, 232)])
    side, bend = 600, float(rng.uniform(-0.5, 0.5))
    fish = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(fish)
    spine = [
        (side / 2 + size * (t - 0.5) * 1.6, side / 2 + bend * size * (t - 0.35) ** 2 * 1.6, t)
        for t in np.linspace(0, 1, 60).tolist()
    ]
    tail_x, tail_y, _ = spine[-1]
    for lean in (-0.45, 0.45):
        tip = (tail_x + size * 0.42, tail_y + size * lean * 0.8 + bend * size * 0.5)
        pen.polygon([(tail_x - 12, tail_y), tip, (tail_x + size * 0.2, tail_y)], (*skin, 190))
    for lean in (-1, 1):
        fx, fy, _ = spine[20]
        tip = (fx + size * 0.3, fy + lean * size * 0.46)
        pen.polygon([(fx, fy), tip, (fx + size * 0.32, fy + lean * size * 0.14)], (*skin, 170))
    for sx, sy, t in reversed(spine):
        r = size * 0.19 * math.sin(math.pi * min(1.0, 0.16 + 0.86 * t)) + 4
        _disc(pen, sx, sy, r, fill=(*skin, 255))
    for _ in range(4):
        sx, sy, t = spine[_whole(rng, 4, 44)]
        r = size * 0.13 * float(rng.uniform(0.6, 1.1)) * (1 - 0.5 * t)
        pen.ellipse((sx - 1.5 * r, sy - r, sx + 1.5 * r, sy + r), fill=(*patch, 255))
    for lean in (-1, 1):
        ex, ey, _ = spine[4]
        ey += lean * size * 0.09
        pen.ellipse((ex - 6, ey - 6, ex + 6, ey + 6), fill=(20, 18, 22, 255))
    turned = fish.rotate(math.degrees(way), Image.Resampling.BICUBIC)
    shadow = Image.new("RGBA", turned.size, (4, 24, 34, 255))
    shadow.putalpha(
        turned.getchannel("A").filter(ImageFilter.GaussianBlur(14)).point(lambda v: v // 2)
    )
    corner = int(x) - side // 2, int(y) - side // 2
    picture.paste(shadow, (corner[0] + 18, corner[1] + 26), shadow)
    picture.paste(turned, corner, turned)


def _finished(picture: Image.Image, rng: np.random.Generator, *, grain: float) -> Image.Image:
    """At its final size, with the grain of paper or canvas."""
    small = picture.reduce(FINE)
    rough = rng.normal(0, grain, (small.height, small.width, 1))
    grained = np.clip(np.asarray(small) + rough, 0, 255)
    return Image.fromarray(grained.astype(np.uint8))
