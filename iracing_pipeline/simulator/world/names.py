"""Invented names and real places.

In: word lists. Out: who gets which (tracks.py, cars.py, roster.py).
"""

from __future__ import annotations

# location, IANA zone, latitude, longitude
PLACES = [
    ("Ashford, Kent, England", "Europe/London", 51.1465, 0.8750),
    ("Linz, Upper Austria, Austria", "Europe/Vienna", 48.3069, 14.2858),
    ("Monza, Lombardy, Italy", "Europe/Rome", 45.5845, 9.2744),
    ("Le Mans, Sarthe, France", "Europe/Paris", 48.0061, 0.1996),
    ("Adenau, Rhineland-Palatinate, Germany", "Europe/Berlin", 50.3833, 6.9333),
    ("Zolder, Limburg, Belgium", "Europe/Brussels", 50.9920, 5.2570),
    ("Assen, Drenthe, Netherlands", "Europe/Amsterdam", 52.9967, 6.5625),
    ("Jerez, Andalusia, Spain", "Europe/Madrid", 36.7101, -6.1333),
    ("Portimão, Algarve, Portugal", "Europe/Lisbon", 37.1366, -8.5388),
    ("Anderstorp, Småland, Sweden", "Europe/Stockholm", 57.2833, 13.6333),
    ("Rudskogen, Viken, Norway", "Europe/Oslo", 59.3667, 11.2667),
    ("Oschersleben, Saxony-Anhalt, Germany", "Europe/Berlin", 52.0306, 11.2806),
    ("Daytona Beach, Florida, USA", "America/New_York", 29.2108, -81.0228),
    ("Bristol, Tennessee, USA", "America/New_York", 36.5951, -82.1887),
    ("Elkhart Lake, Wisconsin, USA", "America/Chicago", 43.8333, -88.0167),
    ("Fort Worth, Texas, USA", "America/Chicago", 32.7555, -97.3308),
    ("Knoxville, Iowa, USA", "America/Chicago", 41.3209, -93.1091),
    ("Phoenix, Arizona, USA", "America/Phoenix", 33.4484, -112.0740),
    ("Salinas, California, USA", "America/Los_Angeles", 36.6777, -121.6555),
    ("Bowmanville, Ontario, Canada", "America/Toronto", 43.9126, -78.6880),
    ("São Paulo, Brazil", "America/Sao_Paulo", -23.5505, -46.6333),
    ("Bathurst, New South Wales, Australia", "Australia/Sydney", -33.4193, 149.5775),
    ("Phillip Island, Victoria, Australia", "Australia/Melbourne", -38.4899, 145.2038),
    ("Suzuka, Mie, Japan", "Asia/Tokyo", 34.8823, 136.5854),
]
STEMS = [
    "Alder", "Birken", "Calder", "Dunmore", "Ember", "Fallow", "Granite", "Harrow", "Iron",
    "Juniper", "Kestrel", "Larch", "Marlow", "Nether", "Orchard", "Pine", "Quarry", "Raven",
    "Silver", "Thorn", "Upland", "Vale", "Willow", "Yarrow",
]  # fmt: skip
ENDS = ["brook", "field", "ford", "gate", "ham", "hurst", "mere", "moor", "ridge", "wick", "wood"]
ROAD_CONFIGS = ["Grand Prix", "National", "Club", "Outer Loop", "Full Course with Chicane"]
OVAL_CONFIGS = ["Oval", "Single Pit Roads", "Legends Oval", "Oval - 2008", "Tri-Oval Short"]
DIRT_CONFIGS = ["Tires in", "Wet Banking", "Outer Ring"]
RALLY_CONFIGS = ["Rallycross", "Rallycross Long", "Joker Outside"]
TRACK_KINDS = {
    "road": ["Circuit {0}", "{0} Raceway Park", "Autódromo de {0}", "{0} International Circuit"],
    "oval": ["{0} Speedway", "{0} Motor Speedway", "{0} Superspeedway", "{0} Fairgrounds"],
    "dirt_oval": ["{0} Dirt Track", "The Dirt Bowl at {0}", "{0} Clay Speedway"],
    "dirt_road": ["{0} Off Road Park", "{0} Rallycross Arena"],
}
MAKES = ["Arden", "Bellona", "Corsa Sud", "Dragoon", "Eiger", "Falk", "Gannet", "Halcyon"]
MODELS = {
    "sports_car": ["GT3 R", "GT4 Clubsport", "GTP", "Cup", "MX Roadster", "TCR", "LMP2"],
    "formula_car": ["F4", "F1600", "Formula 3", "Formula A", "Vee", "IR-12"],
    "oval": ["Cup Stock", "Truck", "Late Model", "Street Stock", "Modified", "Legends '34"],
    "dirt_oval": ["Sprint 410", "Super Late Model", "Midget", "Dirt Street Stock", "UMP Modified"],
    "dirt_road": ["Supercar RX", "Pro 2 Lite", "Pro 4 Truck", "VW Lite"],
}
SERIES_WORDS = {
    "sports_car": ["GT Sprint", "Touring Trophy", "Endurance Cup", "Production Challenge"],
    "formula_car": ["Formula Trophy", "Open Wheel Cup", "Grand Prix Series", "Junior Formula"],
    "oval": ["Short Track Series", "Speedway Cup", "Stock Car Tour", "Late Model Series"],
    "dirt_oval": ["Clay Cup", "Sprint Showdown", "Dirt Modified Series", "Midget Nationals"],
    "dirt_road": ["Rallycross Series", "Off Road Championship", "RX Lite Cup"],
}
SPONSORS = ["Brightwater", "Copperline", "Fernhill Tools", "Northlight", "Oakum", "Redstart"]
WEEK13_WORDS = [
    "Mudskipping", "Figure Gr8", "Shake Up", "Tube Frame Twister", "5 To Go", "Bumper Boats",
    "Little Wings", "Night Shift", "Reverse Grid Frenzy", "Lawn Mower Dash",
]  # fmt: skip
CATEGORY_IDS = {
    "oval": 1, "road": 2, "dirt_oval": 3, "dirt_road": 4, "sports_car": 5, "formula_car": 6,
}  # fmt: skip
# The category of the tracks on which a series' category races.
SURFACE = {
    "oval": "oval", "sports_car": "road", "formula_car": "road",
    "dirt_oval": "dirt_oval", "dirt_road": "dirt_road",
}  # fmt: skip
LICENSE_GROUPS = {
    1: "Rookie", 2: "Class D", 3: "Class C", 4: "Class B", 5: "Class A", 6: "Pro", 7: "Pro/WC",
}  # fmt: skip
