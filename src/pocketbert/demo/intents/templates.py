"""Utterance templates of the intents: plain data.

`{slot}` is a slot of slots.py and `(a|b|)` a choice, which may be empty. A line holds one template. The training
phrasings and the dev phrasings of an intent share no template, so that dev measures new ways to say a thing.
"""

from __future__ import annotations

TRAIN: dict[str, str] = {
    "alarm": """
        (set|make|create) an alarm (for|at) {clock}
        (set|put) (my|the) alarm (for|to) {clock} {day}
        alarm {clock}
        alarm for {clock} (on|) {day}
        wake me (up|) at {clock}
        wake me (up|) {day} at {clock}
        (cancel|delete|remove) (my|the) {clock} alarm
        turn off (my|the) {clock} alarm
        (what|which) alarms do I have (set|) for {day}
        is my alarm (set|on) for {day}
        change (my|the) alarm from {clock} to {clock}
        move my alarm to {clock}
        snooze (the alarm|) for {duration}
        I need an alarm at {clock} {day}
        I (have|need) to (wake|get) up at {clock} {day}
        new alarm {clock} every {day}
        repeat the {clock} alarm every {day}
        disable all (my|) alarms (for|on) {day}
        when is my (next|first) alarm {day}
        add another alarm at {clock}
        I have to be awake (before|by) {clock} (on|) {day}
        (make sure|see to it that) I (don't sleep in|get up early) {day}
        I overslept again so (set|add) (something|one) earlier for {day}
        let me sleep (in|longer|until {clock}) {day}
        (stop|silence) that (ringing|alarm) I'm (up|awake) already
        wake (the kids|us|everybody) at {clock} for (school|the trip|work)
        no more {clock} wake-ups (on|) {day}
        (wake me with|change the alarm sound to) {song}
        my (train|bus|plane) leaves early so get me up at {clock}
        (one more|another) alarm {duration} after the {clock} one
        (how early|when) do I (have to|) get woken (up|) {day}
        I'm going to (bed|sleep) wake me in {duration}
    """,
    "timer": """
        set a timer for {duration}
        (set|start) a {duration} timer
        timer {duration}
        (start|begin) (a|the) countdown (of|for) {duration}
        {duration} timer (for the {item}|)
        count down {duration}
        (add|give me) {duration} (more|) (to|on) the timer
        how (much time|long) is left on the {duration} timer
        (cancel|stop|pause) the {duration} timer
        (cancel|stop|pause|resume|restart) the {item} timer
        (start|stop|reset) the stopwatch (for the {item}|)
        time {duration} for (me|the {item})
        put {duration} on the clock
        let me know when {duration} (are|is) up
        tell me when {duration} have passed
        another timer for {duration} called {item}
        set (the|a) {item} timer to {duration}
        make the timer {duration} instead
        the {item} (has to|should) (cook|boil|bake|rest|soak) for {duration}
        I put the {item} in the oven {duration} (please|)
        (warn|alert) me when the {item} has had its {duration}
        how (many minutes|much longer) (for|until) the {item} (is done|are done|)
        when (is|are) the {item} (ready|finished)
        {duration} of (yoga|pushups|stretching|reading|sprinting) (then stop me|go)
        I want to see how fast I can (run|swim|solve this|type)
        what (does|did) the stopwatch (say|show) for the {item}
        (take|cut) {duration} off the countdown
        (laundry|parking|break|nap time) {duration} (count it|tell me when it's over)
        stop (the clock|timing) I'm (done|finished) with the {item}
        make a sound (in|after) {duration}
    """,
    "reminder": """
        remind me to {task}
        remind me to {task} (at|by) {clock}
        remind me {day} to {task}
        (set|create|add) a reminder to {task} (on|) {day}
        reminder to {task} in {duration}
        in {duration} remind me to {task}
        (don't let me forget|make sure I don't forget) to {task}
        remind me about the {event} {day}
        when I get (home|to work) remind me to {task}
        (what|which) reminders do I have (for|on) {day}
        delete the reminder to {task}
        (I need|give me) a reminder about {event}
        remind me that I (have|need) to {task}
        remind me to tell {person} {msg}
        remember to {task} (at {clock}|{day})
        push (the|my) reminder to {task} to {day}
        set a reminder for {clock} to {task}
        mark the reminder to {task} as done
        (nag|pester|bother) me (about|until I do) it {day} {task}
        tomorrow I should {task} so (tell|warn) me (in time|at {clock})
        I (can't|must not) forget to {task} {day}
        (when|as soon as) I (leave|arrive|sit in the car|see {person}) tell me to {task}
        don't let me (go to bed|leave) before I {task}
        make sure I {task} (by|before) {day}
        what (did I want|was I going) to do {day} about the {event}
        I (have|already) done that so stop reminding me to {task}
        ask me again {day} whether I want to {task}
        I have to {task} every {day} keep me on it
        mention the {event} to me (again|once more) {day}
        (say|speak up) when it's time to {task}
    """,
    "calendar": """
        add (a|my) {event} to my calendar (on|for) {day} at {clock}
        (what's|what is) on my (calendar|schedule) {day}
        schedule (a|my) {event} (for|on) {day}
        (create|make) an event called {event} {day} {clock}
        put {event} (on|in) (the|my) calendar for {day}
        (when|what time) is my {event}
        (move|reschedule) (my|the) {event} to {day}
        cancel (my|the) {event} (on|) {day}
        do I have (any|) (meetings|appointments|events) {day}
        am I free (on|) {day} at {clock}
        (invite|add) {person} to (my|the) {event}
        book a meeting with {person} (for|on) {day} at {clock}
        what's my schedule (look like|) (for|on) {day}
        show (me|) my (appointments|meetings) for {day}
        block {clock} to {clock} {day} (on my calendar|for {event})
        is there anything (on|in) my calendar at {clock} {day}
        change the (time|location) of my {event} to {clock}
        delete the {event} from my calendar
        who is coming to the {event} {day}
        (I'm|we're) (going to|having) the {event} {day} at {clock} (note it|write it down|)
        we're away from {day} to {day} (put that in|mark it)
        how (many|long are my) meetings do I have {day}
        when am I (seeing|meeting) {person} (next|again|)
        I can't come to the {event} (take it out|decline it)
        {person} can't make it so find a new (time|date) for the {event}
        the {event} (starts|is) at {clock} now (fix|update) it
        (has|did) {person} (accepted|accept) the invitation to the {event}
        what are my plans (for|on) {day}
        every {day} I have {event} (make it repeat|)
        is {day} (already|) (full|taken|open) for me
        when is {person}'s birthday (party|)
    """,
    "call": """
        call {person}
        (call|phone) {person} (on speaker|on mobile|at work)
        (make|place|start) a (video|phone|) call (to|with) {person}
        dial {person}
        (video call|facetime) {person}
        (can you|could you) call {person} for me
        call {person} back
        (answer|pick up|decline|reject) the call from {person}
        hang up (on|) {person}
        redial {person}
        call the (nearest|) {poi}
        (who|did) (called|{person} call) (me|) {day}
        any missed calls from {person}
        put {person} on speaker
        phone {person} at {place}
        I (want|need) to (talk|speak) to {person} on the phone
        give {person} a call
        start a conference call with {person} and {person}
        call {person} and {person}
        I want to (talk to|chat with|hear) {person} (right away|on the line|)
        (try|reach) {person} at (home|work|the office)
        who (is|was) (ringing|calling) (just now|)
        (pick up|take it|answer it) it's {person} (calling|)
        I don't want to (answer|talk to {person}) (send them away|let it ring)
        play the voicemail {person} left
        (can|let) {person} and I (see each other|talk) on video
        (get me|connect me with) (the police|an ambulance|customer support|the hotel|reception)
        the line dropped (try again|get {person} back)
        (end|finish) (this|the) call with {person}
        (stop|block) {person} from calling me
        how long did I talk (to|with) {person}
    """,
    "message": """
        (text|message) {person} {msg}
        send a (text|message) to {person} saying {msg}
        send {person} a (text|message|dm) that {msg}
        tell {person} {msg}
        (text|message) {person} "{msg}"
        (reply|respond) to {person} (with|saying) {msg}
        reply "{msg}" to {person}
        read (me|) (my|the) (new|last|unread) (messages|texts) from {person}
        do I have (any|) (new|unread) (messages|texts|emails) from {person}
        (write|send) an email to {person} about the {event}
        email {person} and say {msg}
        what did {person} (text|write|email) me
        let {person} know {msg}
        ask {person} (over text|in a message|) {msg}
        forward the (last|) (message|email) from {person} to {person}
        delete the (text|email|message) from {person}
        whatsapp {person} {msg}
        show me the (chat|thread) with {person}
        send {person} a photo (of|from) the {event}
        (write|tell) (him|her|them) {msg}
        (say|send) (hi|congrats|thanks|sorry) to {person} (in the chat|on whatsapp|)
        (what does|did) {person} (say|answer) in the (chat|mail)
        (did|has) {person} (reply|replied|write|written) (yet|)
        (share|send) (my location|this photo|that link) (with|to) {person}
        ask {person} (if|when|whether) (he|she) can {task}
        tell {person} to {task}
        let (everyone|the team|the family) know {msg}
        (any|is there) (mail|news) from {person} (in my inbox|)
        (mark|archive|delete) the (mails|chats) from {person}
        (unsend|edit) what I just (wrote|sent) to {person}
        tell {person} I'll (call|be there) {day}
    """,
    "music": """
        play {song} by {artist}
        play (some|) {genre} (music|)
        play {artist}
        play my {playlist} playlist
        (put on|start) {artist}
        (put on|play) (the song|) "{song}"
        "{song}" by {artist} (please|)
        shuffle (my|the) {playlist} (playlist|mix)
        next (song|track) (on|in) the {playlist} playlist
        skip (this|the) {artist} song
        (who sings|who wrote|who is singing) {song}
        (what song is this|what's this song called) (by {artist}|)
        add this (song|track) to my {playlist} playlist
        (pause|stop|resume) the {genre} (music|)
        I (want|would like) to (hear|listen to) {artist}
        I (want|would like) to (hear|listen to) some {genre}
        play the (new|latest|first) album (by|from) {artist}
        (repeat|loop) {song}
        turn on the {genre} radio station
        play something (like|similar to) {artist}
        play {genre} (in|on) the {room} (speaker|)
        I feel like (dancing|relaxing|singing along) (with some {genre}|to {artist})
        some {genre} for (dinner|the party|cooking|cleaning|a bad day)
        (who|what band) is this (singing|playing)
        I (love|like) this (one|song) (play it again|save it|more like it)
        not this (song|one|artist) (skip it|another one)
        (what|which) (album|record) is {song} (from|on)
        play the (song|track) (Alarm|Timer|Message|Weather|Lights|Volume) by {artist}
        stop (playing|the song|the radio|{artist})
        play the (one|song) that (goes|starts with) {song}
        any {genre} (tracks|hits) (from the 90s|I don't know) (yet|)
        (random|shuffled) order for the {playlist} (songs|album)
        the soundtrack of (a western|that film|a musical) please with {artist}
    """,
    "volume": """
        (turn|crank) (up|down) the volume (in the {room}|)
        (turn|put) the volume (up|down) to {percent}
        set (the|) volume (to|at) {percent}
        volume {percent}
        volume (up|down) (in|on) the {room} (speaker|)
        (increase|raise|lower|decrease|reduce) the volume (by|to) {percent}
        mute (the|) {room} (speaker|speakers)
        unmute (the|) {room} (speaker|speakers)
        mute the sound for {duration}
        make it (louder|quieter) in the {room}
        (louder|quieter) (in|on) the {room}
        turn the {genre} (music|) (up|down) (a bit|a little|)
        (what's|what is) the volume (level|) (in|on) the {room}
        turn the sound (up|down|off) (in|on) the {room}
        set the (alarm|ringer|media|call) volume to {percent}
        the volume in the {room} is too (low|high)
        put the phone on silent (for {duration}|until {clock})
        max (volume|sound) (in|on) the {room}
        turn it (up|down) to {percent} volume
        I can't (hear|understand) (you|it|the {genre}) (in the {room}|from here)
        you are (too|so|way too) (loud|quiet|noisy) (in the {room}|)
        (the kids are|grandma is|everyone is) (sleeping|asleep) be quiet (in the {room}|)
        (be|stay) (quiet|silent) (until {clock}|for {duration}|)
        (it hurts|too much noise) turn that down (in the {room}|)
        (talk|speak) (louder|quieter|up) (please|in the {room})
        (all|every) sound off (in the {room}|for {duration}|)
        turn the sound back on (in the {room}|at {clock})
        this (video|film|show|audiobook) is too (loud|quiet)
        I (missed|don't hear) the ring make the phone louder
        vibrate only (until {clock}|in the {event}|)
        a (notch|bit|little) (lower|higher|softer|louder) in the {room}
    """,
    "navigation": """
        navigate to {place}
        (directions|route|way) to {place}
        (give|get|show) me directions to {place}
        how do I get to {place} (from {place}|)
        take me to {place}
        (drive|walk|bike) (me|) to {place}
        how (far|long) (is it|does it take) to {place}
        how is (the|) traffic (to|on the way to) {place}
        (where is|find) the (nearest|closest) {poi}
        find a {poi} (near me|nearby|near {place})
        avoid (tolls|highways|ferries) on the way to {place}
        (what's|find) the (fastest|shortest|quickest) (way|route) to {place}
        (what's|what is) my ETA to {place}
        add a stop at {place}
        add a {poi} stop to my route
        (start|stop|cancel) (the|) navigation to {place}
        is there (an accident|traffic|a road closure) near {place}
        (bus|train|subway) directions to {place}
        show {place} on the map
        when will I (arrive|get) (at|to) {place} if I leave at {clock}
        I'm (hungry|out of cash|low on fuel) where is a {poi} (close by|)
        where (am I|are we) (right now|) and how far is {place}
        are we (nearly|almost) at {place}
        do I (turn|go) (left|right) for {place}
        (we're|I'm) driving to {place} (which way|how long)
        where (can I|do I) park (near|at) {place}
        (another|a different) (way|road) to {place} this one is (closed|jammed)
        how (late|early) do I have to leave to be at {place} by {clock}
        (where did I park|remember where I parked) at {place}
        (let's|we want to) (go|drive|head) to {place}
        I need (gas|a toilet|food|a doctor) on the (way|road) to {place}
        is {place} (close enough to walk|within walking distance)
    """,
    "weather": """
        (what's|what is|how's|how is) the weather (in|for) {city} (today|{day}|)
        (what's|what is) the weather like {day}
        weather {city} {day}
        will it {weather_word} (in {city}|) {day}
        is it going to {weather_word} {day}
        (what's|give me) the forecast for {day}
        (what's|give me|show) the forecast (for|in) {city}
        how (hot|cold|warm) (is it|will it be) in {city} {day}
        what's the temperature in {city}
        temperature outside at {clock}
        do I need an umbrella (in {city}|) {day}
        what's the chance of rain (in {city}|) {day}
        how (windy|humid|cloudy|rainy) is it in {city}
        is it (raining|snowing|sunny) in {city} (now|right now|)
        what time is (sunrise|sunset) in {city} {day}
        (high|low) (temperature|temp) for {day} in {city}
        any (storms|snow|rain) expected {day}
        what's the (UV index|air quality|humidity) in {city}
        when will the rain stop in {city}
        (do I need|should I take|can I wear) (a sweater|boots|a hat|shorts|gloves) {day}
        what (do|should) I wear {day} in {city}
        (is it|will it be) (nice|dry|warm) enough (for a picnic|to swim|to bike) {day}
        (can|should) we (eat|play|sleep) outside {day} or will it {weather_word}
        will we get (snow|sun|a storm|hail) for (the weekend|the wedding|Easter) in {city}
        when (does|will) the (sun|storm|snow|wind) (come out|stop|arrive) {day}
        (is it|will it be) (cold|hot|wet|grey) (out|outside) {day}
        is the (wind|heat|frost|fog) (bad|dangerous) in {city} {day}
        will my (plants|laundry) (freeze|get wet) {day}
        which day (this week|) is (best|driest) for (hiking|the beach)
        (how deep|how much) is the snow in {city}
        (sun|rain) or (clouds|snow) {day}
    """,
    "lights": """
        turn (on|off) the {room} (lights|light)
        turn the (lights|light) (on|off) in the {room}
        {room} lights (on|off)
        (dim|brighten) the {room} (lights|light|lamp) (to {percent}|)
        set the {room} lights to {percent}
        set the {room} (lights|lamp) to {color}
        make the {room} lights {color}
        change the (light|lamp) color to {color} (in the {room}|)
        switch (on|off) the lamp in the {room}
        switch (on|off) all the lights (in the {room}|upstairs|)
        lights {color} in the {room}
        lights off in the {room} at {clock}
        (are|did I leave) the {room} lights on
        is the {room} light (on|off)
        turn the {room} lamp (down|up) to {percent}
        (raise|lower) the brightness (in|of) the {room} (lights|) (to {percent}|)
        kill the lights in the {room}
        blink the {room} lights {color}
        light up the {room}
        I can't see (anything|my book|where I'm going) in the {room}
        the {room} is too (bright|dim|gloomy) (fix it|)
        (we're|I'm) going to (bed|sleep) make (it|the {room}) dark
        the (lamp|light) (hurts my eyes|is blinding me) in the {room}
        (cozy|party|romantic|reading) (light|lighting) in the {room}
        (nobody is|I'm not) in the {room} so switch (it|the lamp) off
        only (leave|keep) the {room} lamp (on|burning)
        (when I come home|at sunset|after {clock}) switch the {room} lamps on
        a (warmer|colder|softer|{color}) (tone|shade) for the {room} bulbs
        is anything still (lit|burning|on) in the {room}
        get the {room} bright
        {color} everywhere in the {room} for the party
    """,
    "thermostat": """
        set the (thermostat|temperature|heating) to {temp}
        set the {room} (thermostat|temperature|heater) to {temp}
        turn (on|off) the (heating|heater|AC|air conditioning) (in the {room}|)
        turn the (heat|heating|AC|thermostat) (up|down) (to {temp}|in the {room})
        make it (warmer|cooler) in the {room}
        (raise|lower|increase|decrease) the temperature (in the {room}|to {temp})
        what's the (temperature|thermostat) (in|of) the {room}
        what is the thermostat set to (in the {room}|)
        heat the {room} to {temp}
        cool the {room} (down|) to {temp}
        thermostat {temp}
        keep the {room} at {temp} (until {clock}|overnight)
        {room} (heating|AC) (on|off)
        turn (on|off) the (fan|radiator) in the {room}
        (warm|heat) up the {room} before {clock}
        set the AC to (cool|eco|fan) mode in the {room}
        the {room} is too (hot|cold) change the temperature
        schedule the heating for {clock} in the {room}
        is the (heating|AC|heater) on in the {room}
        I'm (cold|hot|freezing|roasting|frozen) (in the {room}|inside|)
        why is it so (cold|hot|warm) in (the {room}|here)
        my (hands|toes|fingers) are (freezing|cold|numb) (in the {room}|in this room)
        (nobody is|we aren't) home {day} so (lower|stop) the heating
        get the (house|{room}) (nice and warm|cool) (before|by) {clock}
        (a|two|three) (degree|degrees) (warmer|cooler|less|more) in the {room}
        how (warm|cold) is (the {room}|it inside) (now|)
        the (baby|dog) is (sweating|shivering) in the {room}
        don't (heat|cool) the {room} (at night|any more|above {temp})
        (some|get me) (fresh|cold|cool|warm) air in the {room}
        (save|use less) energy on the heating (overnight|{day}|)
        is it (warm|cool) enough (inside|in the {room}) for the baby
    """,
    "shopping": """
        add {item} to (my|the) (shopping|grocery) list
        add {item} and {item} to the list
        put {item} on (my|the) (shopping|grocery|) list
        (remove|delete|take) {item} (from|off) (my|the) (shopping|grocery|) list
        (is|are) {item} on (my|the) (shopping|grocery) list
        shopping list {item} (and {item}|)
        (what's|what is) on my (shopping|grocery) list (for {day}|)
        (read|show) me (my|the) (shopping|grocery) list (for {day}|)
        we need (to buy|) {item} (and {item}|)
        I need to buy {item}
        (start|create|make) a (shopping|grocery) list with {item}
        cross {item} off (my|the) (shopping|grocery|) list
        we're out of {item}
        buy {item} (next time|at the store)
        new grocery item {item}
        change {item} to {item} on the shopping list
        did I (add|put) {item} (to|on) the shopping list
        get {item} {item} and {item} (from the store|at the supermarket)
        (there's|there is) no {item} left
        the {item} (is|are) (all gone|nearly finished|empty)
        (I|we|the kids) (ate|drank|finished) (all|the last of) the {item}
        we (already|) have (enough|plenty of) {item} (drop|forget) that
        (got|found) the {item} (tick|check) (it|them) off
        what (do|should) I (buy|bring) (from the shop|at the supermarket) {day}
        how (much|many) {item} (did we|do I have to) (note|buy)
        (make it|I want) two {item} instead of one
        (clear|empty) the (shopping|grocery) list (I bought it all|except {item})
        note down {item} for when I'm at the (shop|drugstore|market)
        (don't|no need to) buy {item} (any more|this time)
        everything for (tacos|pancakes|a cake|the barbecue) and {item} goes on the list
    """,
    "search": """
        (who is|who was) {famous}
        (when|where) was {famous} born
        what is the capital of {country}
        (how many people live in|what's the population of) {country}
        how (tall|big|old|heavy) is {thing}
        what does {word} mean
        (define|definition of) {word}
        how do you (say|spell) {phrase} in {lang}
        translate {phrase} (to|into) {lang}
        (what's|what is|calculate|how much is) {sum}
        (search|google|look up) {thing} (online|on the web|)
        search (for|the web for) {word}
        what (language|currency) do (they|people) (speak|use) in {country}
        tell me (a fact|something) about {thing}
        look up {famous} on wikipedia
        how do you spell {word}
        (who|what) (won|was the score of) the (game|match|election) in {country}
        what are the ingredients of {food}
        what year did {famous} die
        how far is {thing} from earth
        (recipe|instructions) for making {food}
        who is the (president|prime minister|king) of {country}
        (who|which country) invented (paper|the telephone|the zipper|tea|the wheel)
        why (is|are) (the sea|blood|grass|flamingos|the sunset) (salty|red|green|pink)
        how (do|can) (I|you) (remove|clean|fix) (rust|ink|wax|a scratch) (from|on) (a shirt|wood|metal)
        (is|are) (a whale|mushrooms|a spider|bats|olives) (a fish|a plant|an insect|birds|fruit)
        what (causes|makes) (tides|earthquakes|rainbows|hiccups|rust)
        which (animal|bird|river|city) is the (fastest|biggest|oldest|longest)
        how (many|much) (protein|sugar|caffeine) (is|are) in {food}
        who (wrote|directed|starred in) (Hamlet|Jaws|Casablanca|Emma|Dracula)
        (when|how) did (the war|the empire|the crisis|dinosaurs) (end|begin|die out)
        what is a (thermostat|calendar|timer|volume|radio) (made of|used for|good for)
        (how long|at what age) do (turtles|dogs|bees|elephants) (live|sleep)
        (is|what happens if you take) (aspirin|coffee|honey) (bad|good) for (you|babies|dogs)
        convert {money} (to|into) (yen|pesos|francs)
        what's (new|happening) in (the world|politics|sports)
    """,
    "out_of_scope": """
        (order|buy me) {food} (for delivery|online|)
        (order|get me) {food} from the {poi}
        book {ticket} (for|on) {day}
        (book|reserve) {ticket} in {city}
        (send|transfer|pay|venmo) {person} {money}
        how much money is in my (bank|savings|) account
        (start|stop|turn on) the {appliance}
        is the {appliance} (done|running|on)
        I'm (so|really|) {mood} (today|right now|)
        (do you|can you) (love|like|hate) {person}
        (do you|can you) (eat|like) {food}
        are you {mood}
        my {pet} is {mood}
        my {pet} likes {food}
        tell me a joke about (a|my) {pet}
        (you are|you're) (stupid|awesome|funny|useless|the best)
        (what's|what is) your (name|favorite color|favorite food|job)
        thanks (for the help|a lot|) (buddy|mate|)
        (good morning|good night|hello|hi) (assistant|there|my friend)
        sing (me|) (a song|happy birthday) (for my {pet}|)
        take a (photo|selfie|picture) (of my {pet}|with {person})
        (play|start) a game (of chess|of trivia|) with {person}
        (open|install|update) the (bank|fitness|photo|weather) app
        (lock|unlock) the {appliance}
        {person} is (annoying|so nice|my best friend|weird)
        I (had|ate|cooked) {food} (yesterday|for lunch)
        (should I|when should I) (marry|trust|forgive) {person}
        what should I (name|feed) my {pet}
        track my (package|order|heart rate|steps)
        print this (page|photo|form|ticket) on the {appliance}
        that was (great|terrible|not what I wanted)
        (never mind|forget it|nothing) (then|)
        my (phone|alarm|radio|calendar|lamp) (is broken|is ugly|was a gift)
        I (like|hate|love) (rain|music|winter|my alarm clock|long calls|shopping)
        (the concert|the weather|the trip|the meeting) (was|yesterday was) (fun|lovely|a disaster)
        I (wrote|called|met) {person} (yesterday|last week) and (it was nice|we talked)
        do you (sleep|have friends|get tired|remember me|like me)
        can you (dance|cook|cry|drive|fly)
        are you (human|alive|listening|married|a girl)
        you (don't understand|never listen|sound weird|got that wrong)
        (flip|toss|roll|draw) a (coin|dice|card)
        (clean|mop|vacuum) the {room} (floor|)
        do the (laundry|dishes|ironing)
        (close|open|lock) the (window|door|blinds|gate) in the {room}
        (delete|edit|show) (my|the) (photos|pictures|videos) from (the trip|{city})
        pay (my|the) (bill|rent|taxes|parking fine) (for me|)
        my (head|tooth|leg|stomach) (hurts|aches) (so much|)
        tell me a (story|riddle|poem|secret)
        (say|tell me) something (sweet|funny|mean|clever)
        what (do you think|should I do) about (life|love|my future|my job)
        (nobody|everybody) (likes|understands|ignores) me
        (wow|oh no|haha|yay|whatever) (really|okay|that's life|I knew it|)
    """,
}

DEV: dict[str, str] = {
    "alarm": """
        I gotta be up by {clock} {day} so wake me
        get me out of bed at {clock}
        please have the alarm ring at {clock} instead
        no alarm {day} I want to sleep in
        make sure I'm awake by {clock}
        ring (me|) at {clock} so I get up
        did I set something to wake me {day}
        {clock} wake-up for {day}
        let me sleep {duration} more
        I don't need the {clock} alarm anymore
    """,
    "timer": """
        the {item} needs {duration} keep track
        ping me once {duration} have gone by
        {duration} starting now
        how long till the {item} countdown ends
        beep after {duration}
        measure how long the {item} takes
        egg timer {duration} go
        is the {duration} countdown still running
        tack {duration} onto the countdown
        clock me for {duration}
    """,
    "reminder": """
        nudge me {day} so that I {task}
        I always forget to {task} so ping me about it at {clock}
        at {clock} I must {task} poke me then
        help me remember to {task}
        keep bugging me until I {task}
        did I ask you to remind me of anything {day}
        give me a heads up about the {event} at {clock}
        I already did it drop the reminder to {task}
        note to self {task} {day}
        could you jog my memory {day} to {task}
    """,
    "calendar": """
        pencil in {event} {day} {clock}
        how busy am I {day}
        what's happening {day} after {clock}
        I can't make the {event} push it to {day}
        got anything planned with {person} {day}
        save the date {day} {event}
        what does my {day} look like
        where is the {event} being held
        find a free slot for {event} {day}
        clear my {day} afternoon
    """,
    "call": """
        get {person} on the line
        ring {person}
        buzz {person} and tell me if they pick up
        I'd like to hear {person}'s voice connect us
        try {person}'s number again
        end the conversation with {person}
        patch me through to {person}
        {person} is ringing take it
        who phoned from {place}
        send {person} to voicemail
    """,
    "message": """
        drop {person} a line that {msg}
        shoot {person} a note {msg}
        pass on to {person} that {msg}
        has {person} written back yet
        what's new in my inbox from {person}
        answer {person}'s last text with {msg}
        tell everyone in the {event} group {msg}
        "{msg}" send that to {person}
        compose a mail to {person} regarding {event}
        read out what {person} sent
    """,
    "music": """
        I'm in the mood for {genre}
        throw on some {artist}
        got any {artist} tunes
        (let's hear|spin) {song}
        what's the name of this {genre} tune
        go back to the previous {artist} track
        {playlist} mix now
        queue up {song} after this one
        blast {genre} from the {room}
        I don't like this {artist} one play something else
    """,
    "volume": """
        I can barely hear the {room} speaker
        it's way too loud in the {room} turn it down
        bring the sound to {percent}
        hush the {room} speaker
        bump it up to {percent} I can't hear you
        not so loud in the {room}
        full blast in the {room}
        no sound until {clock} please
        speak up a bit from the {room}
        the ringer should be at {percent}
    """,
    "navigation": """
        I want to go to {place} guide me
        which bus goes to {place}
        I'm lost get me back to {place}
        is there a {poi} around here
        can I make it to {place} by {clock}
        how many miles to {place}
        what exit do I take for {place}
        which way is {place}
        bring me to the {poi} please
        are the roads jammed towards {place}
    """,
    "weather": """
        should I wear a coat in {city} {day}
        how many degrees in {city} {day}
        what's it like outside in {city}
        is {day} going to be nice in {city}
        are we getting any snow {day}
        does it look like it'll {weather_word} around {clock}
        when does it get dark in {city} {day}
        is it t-shirt weather in {city}
        tell me if {city} is getting a storm {day}
        sky conditions over {city} {day}
    """,
    "lights": """
        it's too dark in the {room}
        I need more light in the {room}
        give the {room} a {color} glow
        bulbs off in the {room}
        someone left the {room} lit shut it off
        half brightness for the {room} lamp please
        make the {room} brighter
        darken the {room} to {percent}
        illuminate the {room}
        {room} lamp {color} at {clock}
    """,
    "thermostat": """
        it's freezing in the {room}
        I'm sweating in the {room} cool it off
        bump the heat to {temp}
        I want the {room} at {temp} when I wake up
        the {room} feels chilly warm it
        get the radiator going in the {room}
        how warm is it inside the {room}
        let's have {temp} in the {room}
        air con to {temp}
        no heating in the {room} after {clock}
    """,
    "shopping": """
        pick up {item} next time we go to the store
        I used the last of the {item}
        running low on {item}
        jot down {item} for the supermarket
        do we still have to get {item}
        scratch the {item} I already bought some
        throw {item} on the groceries
        what do I have to get at the store {day}
        {item} and {item} for the shop run
        we could use some more {item}
    """,
    "search": """
        what's {famous} known for
        give me the meaning of {word}
        I wonder how big {thing} is
        what is {phrase} in {lang}
        which continent is {country} in
        find information about {famous}
        work out {sum}
        why is {thing} so famous
        explain {word} to me
        what's the tallest mountain in {country}
    """,
    "out_of_scope": """
        I could really go for {food} get some delivered
        get me {ticket} for {day}
        how much did I spend on {food}
        move {money} to my savings
        have you ever met {person}
        my {pet} just made me {mood}
        feeling {mood}
        guess what I had {food}
        run the {appliance} (tonight|now)
        what do you think of {person}
        do you dream
        be nice to my {pet}
        who made you
        (ha|lol) you are funny
        I wish {person} was here
        did the {appliance} finish
        {person} and I broke up
    """,
}
