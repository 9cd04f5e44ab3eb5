"""Name what the made-up shop sells: in each department, the things in order of need."""

from __future__ import annotations

from typing import Final

VARIANTS: Final = ("Everyday", "Classic", "Premium")

ASSORTMENT: Final = {
    "coffee": (
        18.0,
        "coffee beans, coffee grinder, kettle, pour-over dripper, "
        "espresso machine, milk frother, espresso cups, biscotti tin",
    ),
    "camping": (
        45.0,
        "tent, sleeping bag, camping mat, camp stove, cook set, headlamp, water filter, hammock",
    ),
    "cycling": (
        60.0,
        "city bike, bike helmet, bike lock, bike lights, "
        "bike pump, pannier bag, rain cape, repair kit",
    ),
    "skincare": (
        22.0,
        "cleanser, toner, vitamin serum, day cream, sunscreen, eye cream, night cream, clay mask",
    ),
    "garden": (
        15.0,
        "potting soil, seed set, planter, watering can, "
        "pruning shears, garden gloves, compost bin, bird feeder",
    ),
    "music": (
        80.0,
        "acoustic guitar, guitar strings, tuner, capo, "
        "guitar stand, metronome, music stand, gig bag",
    ),
    "baking": (
        14.0,
        "mixing bowl, kitchen scale, rolling pin, cake tin, "
        "piping set, cookie cutters, cooling rack, cake stand",
    ),
    "desk": (
        35.0,
        "standing desk, office chair, desk lamp, monitor arm, "
        "keyboard, mouse, headphones, cable tray",
    ),
    "yoga": (
        25.0,
        "yoga mat, yoga block, yoga strap, bolster, "
        "foam roller, meditation cushion, yoga towel, mat bag",
    ),
    "painting": (
        20.0,
        "sketchbook, pencil set, watercolours, brush set, "
        "palette, easel, canvas pack, picture frame",
    ),
}
"""Department → (usual price, things joined by commas)."""

NAMES: Final = (
    "mia noah lin amara theo sofia kenji lea omar ines ravi nora "
    "mateo yuki elif jonas zoe kofi anna wei luca maya sam aino"
)
"""First names, joined by blanks."""
