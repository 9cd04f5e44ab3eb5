"""Hold the words that simulated comments are made of, each list by falling frequency."""

from __future__ import annotations

from typing import Final

CONTENT: Final = (
    "great love happy perfect excellent wonderful nice good pleased amazing delightful helpful "
    "beautiful fantastic glad enjoy best satisfied lovely impressed"
)
CROSS: Final = (
    "bad awful disappointed poor terrible broken annoying hate worst useless angry wrong horrible "
    "sad ugly problem fail complaint refuse unhappy"
)
CALM: Final = (
    "browsing catalogue morning season page photo window colour idea list story later evening "
    "weather picture scrolling"
)
KEEN: Final = (
    "size stock delivery basket price voucher compare model details warranty shipping measure "
    "material version checkout sample"
)
COMMON: Final = (
    "the a it and this is was with for on my to of in that they have i but so at we you as from "
    "had there what one item shop order box day week brand piece set top bag new again just also "
    "still two friend home work look fit use time house"
)
