"""Slot values of the intent templates: plain lists, in a fixed order."""

from __future__ import annotations

_HOUR_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()


def _clock_values() -> list[str]:
    """Return clock times in the many forms people write and say."""
    values = ["noon", "midnight", "0600", "18:45", "21:30", "05.40", "14h", "22:10", "07:55", "half 8"]
    for hour, word in enumerate(_HOUR_WORDS, start=1):
        half = "am" if hour in (4, 5, 6, 7, 8, 9, 10, 11) else "pm"
        values += [
            f"{hour}{half}",
            f"{hour}:30 {half}",
            f"{word} o'clock",
            f"{hour} {half}",
            f"half past {word}",
            f"quarter to {word}",
            f"{hour}:{(hour * 5) % 60:02d}",
            f"{word} in the {'morning' if half == 'am' else 'evening'}",
            f"{word} {'thirty' if hour % 2 else 'fifteen'}",
            f"{hour}.15{half}",
        ]
    return values


def _duration_values() -> list[str]:
    """Return lengths of time, in digits, words and short forms."""
    values = [
        "an hour",
        "half an hour",
        "an hour and a half",
        "a minute",
        "1h 20",
        "90 sec",
        "one and a half hours",
        "a quarter of an hour",
        "2 hrs",
        "an hour and ten",
        "a couple of minutes",
        "3h",
        "45 mins",
        "30s",
    ]
    for number in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 20, 25, 40, 50, 55):
        values.append(f"{number} minutes")
    for number in (3, 8, 11, 13, 35, 45):
        values.append(f"{number} min")
    for word in ("two", "three", "five", "seven", "nine", "ten", "twelve", "fifteen", "twenty", "thirty", "forty five"):
        values.append(f"{word} minutes")
    for number in (10, 20, 30, 45):
        values.append(f"{number} seconds")
    return values


def _lines(block: str) -> list[str]:
    """Split a block of `;`-separated values."""
    return [value.strip() for value in block.replace("\n", " ").split(";") if value.strip()]


SLOTS: dict[str, list[str]] = {
    "clock": _clock_values(),
    "duration": _duration_values(),
    "day": _lines("""today; tomorrow; Monday; Friday; next Tuesday; Saturday; the 14th; Sunday; next week; Wednesday;
        tmrw; Thursday; this weekend; March 3rd; the day after tomorrow; Tues; next Friday; the 2nd of May; tonight"""),
    "person": _lines("""mom; Ana; dad; José; Leo; my wife; Priya; grandma; Zoë; my boss; Tom; uncle Ray; Fatima; Nick;
        my brother; Dr. Patel; Chloé; Wei; my roommate; Sofia; Marcus; the plumber; Jürgen; Aisha; Ben; the landlord;
        aunt May; Björn; my girlfriend; Sam; coach; Olga; Mr. O'Neil; Kenji; babe; Renée"""),
    "place": _lines("""home; work; the airport; Central Station; the gym; the nearest pharmacy; Ana's place; downtown;
        12 Baker Street; the zoo; Ikea; the hospital; Café Müller; grandma's house; the beach; city hall; school;
        the closest ATM; platform 9; the mall; Hotel Astoria; the library; Pine Road 48; the ferry terminal;
        my parents; the post office"""),
    "poi": _lines("""gas station; coffee shop; pharmacy; ATM; supermarket; taco place; charging station; parking garage;
        bakery; bus stop; hospital; sushi bar; post office; bike shop; subway entrance; car wash"""),
    "city": _lines("""Paris; Denver; São Paulo; London; Zürich; Tokyo; Austin; Málaga; Oslo; Chicago; Kraków; Delhi;
        Lisbon; Reykjavík; Seattle; Nairobi; Dublin; Montréal; Boston; Naples"""),
    "task": _lines("""take out the trash; water the plants; call grandma; pay the rent; text Leo back; feed the cat;
        buy stamps; pick up the kids; take my pills; email the landlord; renew my passport; defrost the chicken;
        return the library books; check the oven; cancel the gym membership; charge the bike; book the flights;
        ring the dentist; move the car; send Priya the photos; walk the dog; turn off the heating; hang up the laundry;
        get milk; water the ficus; sign the form; look up train times; bring the umbrella"""),
    "event": _lines("""dentist appointment; meeting with Priya; yoga class; lunch with Tom; job interview; haircut;
        team standup; Ana's birthday party; parent teacher night; call with the bank; dinner at Leo's; vet visit;
        project review; flight to Oslo; book club; piano lesson; 1:1 with my boss; concert; budget meeting;
        eye exam; date night; gym session"""),
    "msg": _lines("""I'm running late; happy birthday; be there in 10; can you bring the keys; I love you;
        we're out of milk; the meeting got moved; call me when you're free; dinner's ready; sorry I missed you;
        where are you; see you tomorrow; I'm stuck in traffic; the alarm went off again; good luck today;
        it's raining so I'll drive; don't wait for me; thanks for lunch; turn down the music"""),
    "song": _lines("""Yesterday; Purple Rain; Umbrella; Clocks; Hello; Dancing Queen; Thunder; Blinding Lights;
        Lemon Tree; Wake Me Up; Here Comes the Sun; Set Fire to the Rain; Africa; Call Me Maybe; Hotel California;
        Wonderwall; Despacito; Let It Snow; Imagine; Toxic"""),
    "artist": _lines("""Adele; Queen; Beyoncé; Björk; Drake; the Beatles; Daft Punk; Rosalía; Coldplay; Miles Davis;
        Taylor Swift; Mozart; Bad Bunny; Metallica; Sigur Rós; Bob Marley; Radiohead; Nina Simone"""),
    "genre": _lines("""jazz; hip hop; classical; reggae; 80s pop; techno; country; lo-fi; salsa; metal; blues; k-pop;
        R&B; bossa nova; punk; folk"""),
    "playlist": _lines("""workout; chill; road trip; dinner party; focus; running; sleep; summer hits; kitchen disco;
        throwback; rainy day; study"""),
    "room": _lines("""kitchen; bedroom; living room; hallway; garage; bathroom; kids' room; office; porch; basement;
        dining room; guest room; upstairs; nursery; attic; back yard"""),
    "color": _lines("red; warm white; blue; purple; orange; soft pink; green; daylight; teal; candle yellow"),
    "percent": _lines("""50%; 20 percent; half; 80 percent; 10%; a third; thirty percent; 75%; 100%; forty percent; 5;
        65 percent; max; minimum"""),
    "temp": _lines("""21 degrees; 68; 19.5; 72 degrees; twenty; 18°C; sixty five; 23; 70°F; 20.5 degrees; seventy; 17;
        twenty two degrees; 66"""),
    "item": _lines("""milk; eggs; a dozen bagels; toilet paper; bananas; oat milk; dog food; 2 kg of potatoes; cheese;
        batteries; jalapeños; light bulbs; coffee beans; dish soap; crème fraîche; rice; tomatoes; chicken thighs;
        ketchup; cat litter; avocados; sparkling water; bread; AA batteries; olive oil; diapers; garlic; toothpaste;
        an alarm clock; yoghurt"""),
    "weather_word": _lines("""rain; snow; be sunny; be windy; freeze; hail; be cloudy; storm; be foggy; drizzle; be hot;
        thunder; be humid; clear up"""),
    "country": _lines("""France; Brazil; Japan; Canada; Kenya; Norway; Peru; Egypt; India; Portugal; Vietnam; Iceland;
        Ghana; Mexico"""),
    "famous": _lines("""Marie Curie; Frida Kahlo; Einstein; Shakespeare; Nelson Mandela; Cleopatra; Ada Lovelace;
        Mozart; Serena Williams; Pelé; Neil Armstrong; Charles Darwin; Agatha Christie"""),
    "thing": _lines("""a blue whale; the Eiffel Tower; the moon; Mount Everest; a cheetah; the Great Wall; Jupiter;
        an ostrich; the Nile; a giraffe; the Titanic; a hummingbird"""),
    "word": _lines("""serendipity; ubiquitous; entropy; irony; ephemeral; inflation; photosynthesis; quorum; algorithm;
        osmosis; stoic; nostalgia; zeitgeist; hypotenuse"""),
    "lang": _lines("Spanish; French; German; Japanese; Italian; Polish; Korean; Portuguese; Arabic; Swahili"),
    "phrase": _lines("""good morning; thank you; where is the bathroom; cheers; I'm lost; happy new year; excuse me;
        one beer please; good night; how much is it"""),
    "sum": _lines("""17 times 23; 15% of 80; the square root of 144; 1024 divided by 8; 99 plus 48; 3/4 of 60;
        12 squared; 250 minus 77; 18% tip on 42 dollars; 6 times 7; two to the tenth; 5 miles in km;
        200 grams in ounces; 98 Fahrenheit in Celsius"""),
    "food": _lines("""a pizza; sushi; two burgers; pad thai; a large fries; tacos; a burrito; flowers; fried chicken;
        a salad; noodles; an ice cream cake"""),
    "ticket": _lines("""movie tickets; a flight; a hotel; a table for two; concert tickets; a taxi; a massage;
        a train ticket; a rental car; an Airbnb; a tennis court; a cruise"""),
    "appliance": _lines("""washing machine; dishwasher; robot vacuum; oven; coffee maker; lawn mower; printer;
        garage door; rice cooker; front door lock; sprinkler; TV"""),
    "money": _lines("$20; fifty euros; 300 bucks; £15; the rent money; 40 dollars; ten quid; €75"),
    "mood": _lines("""tired; bored; hungry; happy; lonely; in love; stressed; great; sad; sleepy; excited; so done;
        hungover; a bit nervous"""),
    "pet": _lines("dog; cat; hamster; baby; goldfish; neighbor; kid; parrot; teacher; boyfriend; grandpa; horse"),
}
