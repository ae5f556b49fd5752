"""The sentences that the generator of utils/datasets/generators/entities/sentences.py fills in.

A slot in capitals is an entity, of the kind that `Writer.entities` there gives; {ON} is a date that brings its own
preposition ("in 1987", "on Friday": the entity is the date alone). A slot in small letters is a word without a name.
"""

PROSE = """\
{PER} {did} {ON}
{ON} {PER} {did}
{PER} {did} in {LOC} {ON}
{FIRST} and {FIRST} {did}
After {event}, {PER} {did}
{PER}, a {job} from {LOC}, {did}
The {job} {PER} {did}
A {job} named {PER} sold {thing} to {ORG}
{ORG} has sold {thing} to {PER}
{ORG} will close its {TOWN} office {ON}
{ORG} said {ON} that {event} had cost it a fortune
{title} {LAST} bought {thing} in {TOWN}
{title} {LAST} of {ORG} could not be reached
We sent {thing} to {title} {LAST} {ON}
According to {PER} of {ORG}, {event} was nobody's fault
{PER} has worked for {ORG} since {YEAR}
{PER} left {ORG} for {ORG} {ON}
{PER} was born in {LOC} {ON} and died in {LOC} {ON}
Between {YEAR} and {YEAR} she lived in {TOWN}
From {DATE} to {DATE} the road between {TOWN} and {TOWN} is closed
It was {FIRST} who found {thing}
{COUNTRY} and {COUNTRY} signed the agreement {ON}
The government of {COUNTRY} thanked {ORG}
{COUNTRY}'s minister blamed {COUNTRY}'s
{TOWN} is colder than {TOWN}
There is {thing} in every kitchen in {LOC}
They sailed from {TOWN} to {TOWN} in nine days
The {WATER} rose after {event}
The {WATER} has not been so low since {YEAR}
She swam across the {WATER} {ON}
He was last seen near {STREET} {ON}
Their shop on {STREET} sells {thing} and little else
The house at {STREET} belongs to {PER}
{CLUB} beat {CLUB} {ON}
{CLUB} lost at home to {CLUB}
{FIRST} supports {CLUB}, {FIRST} supports {CLUB}
{LAST} scored twice as {CLUB} beat {CLUB}
{LAST} beat {LAST} in straight sets
As {PAPER} reported {ON}, {event} will go ahead
{PAPER} called {FIRST}'s book a recipe for sleep
"I never liked {TOWN}," said {FIRST}
"{FIRST}, where is {thing}?" asked {FIRST}
"Ask {FIRST}," said the {job}. "I only work here."
{FIRST} asked whether {FIRST} had seen {thing}
{FIRST}'s sister is a {job} in {TOWN}
{FIRST}'s {job} knows {FIRST}'s {job}
That is {ORG}'s {job}, not ours
My uncle {FIRST} went to {COUNTRY} with {thing}
Our {job} is called {FIRST}
Nobody in {TOWN} has forgotten {event} of {YEAR}
{event} of {YEAR} made {TOWN} famous
The letter, dated {DATE}, was signed by {PER}
The train to {TOWN} leaves from {STREET}
Buses from {TOWN}, {TOWN} and {TOWN} stop here
{LOC}, {LOC} and {LOC} are on the list
{FIRST}, {FIRST} and {PER} were late
{ORG}, {ORG} and {ORG} have all refused
A spokesman for {ORG} said that {title} {LAST} had resigned
{PER} ({YEAR}–{YEAR}) was a {job}
{PER}, {job} at {ORG}, {did}
Few people know that {PER} once {did} with {PER}
In {TOWN}, {FIRST} {did}; in {TOWN}, nobody cared
By {YEAR}, {TOWN} had one {job} and forty goats
{ORG} makes {thing} for {ORG}
{ORG} was founded in {TOWN} in {YEAR} by {PER}
{ORG} opened in {TOWN} {ON}
I bought {thing} at {ORG} {ON}
Is {FIRST} still working at {ORG}?
Did {ORG} ever pay {FIRST} for {thing}?
When will {FIRST} be back from {LOC}?
Who told {title} {LAST} about {event}?
You can see {LOC} from {LOC} on a clear day
{LOC} is far from {LOC}
The road to {LOC} was blocked by {thing}
{WEEKDAY} is the only day when {ORG} is open
{WEEKDAY}, {WEEKDAY} and {WEEKDAY} are taken
Not before {DATE}, said the {job}
I was in {LOC} {ON}
We were in {LOC} when we heard about {event}
Tickets for {event} in {TOWN} go on sale {ON}
Invoices go to {PER}, {ORG}, {STREET}, {TOWN}, before {DATE}
The {TOWN}-based firm {FIRM} makes {thing}
An ex-{FIRM} {job} has bought {thing}
The {TOWN}-born {job} {PER} {did}
{FIRST} (the {job}) and {FIRST} (the {job}) share {thing}
{PER}, {YEAR}, oil on canvas, on loan from {ORG}
Dear {title} {LAST}, we regret that {thing} cannot be returned
Dear {FIRST}, greetings from {LOC}
Sincerely yours, {PER}
Best wishes from {TOWN}, {FIRST} and {FIRST}
{TOWN}, {DATE}
{TOWN}, {DATE}. Dear {FIRST}, we have found {thing}
Meeting at {ORG}, {DATE}; present: {PER}, {PER}, {LAST}
Photo: {PER}
Translated by {PER} and {PER}
Copyright {YEAR} {ORG}
{FIRM} v. {FIRM}, {TOWN}, {YEAR}
{PER} teaches at {ORG} and lives near {LOC}
The {job}, whose name was {FIRST}, came from {LOC}
One of the two was {FIRST}; the other, a {job}, gave no name
{FIRST} said it was {WEEKDAY}, but it was {WEEKDAY}
{FIRST} may come, {FIRST} will not
{FIRST} will bring {thing}, and {FIRST} may bring the salad
In {MONTH} {FIRST} plants beans, in {MONTH} she eats them
{MONTH} was wet and {MONTH} was worse
The rains come in {MONTH}
It snowed in {TOWN} in {MONTH}, which never happens
The {job}s of {TOWN} are on strike until {DATE}
{COUNTRY} won by three goals, {COUNTRY} lost by four
Flights from {TOWN} to {TOWN} were cancelled {ON}
{LOC} has more sheep than {LOC}
If {FIRST} calls, say that I am in {LOC}
The {job} came from {LOC} with {thing}
They named the ship after {PER}
{ON}, a {job} found {thing} under the floor of {ORG}
The first {job} on {PLANET} will need {thing}
Probes to {PLANET} and {PLANET} were built by {ORG}
{ORG} ({SHORTORG}) will move to {TOWN}
{SHORTORG} says no
{SHORTORG} and {SHORTORG} disagree about {event}
A report by {SHORTORG} on {event} is due {ON}
The whole of {LOC} was without power {ON}
"{ORG} is not for sale," said {PER}, its {job}
She is the {job} of {ORG}
{DATE}: {thing} arrived from {FIRM}
{DATE}. Walked to {TOWN}. Saw {FIRST}. Rain.
{PER} of {COUNTRY} came third
{PER}'s shop, {FIRM}, stands on {STREET}
I asked {FIRST} to chase the {job}
A tale of {event}, by {PER}
Turn left at {ORG} and follow {STREET} to {LOC}
{thing}, made in {COUNTRY}, sold in {COUNTRY}
{thing} from {LOC} ended up in {LOC}
The village of {TOWN} lies between {TOWN} and the sea
The city of {TOWN} has no {job}
The {TOWN} train left without {PER}
The {TOWN}-{TOWN} bus had {thing} on board
A {TOWN} {job} was found with {thing}
{PER}, 84, has never owned {thing}
{PER}, {thing} in hand, {did}
At the corner of {STREET} and {STREET} a {job} sells {thing}
A {job} at the {FIRM} plant lost {thing}
The {FIRM} building in {TOWN} is for sale
{FIRM} shares fell after {event}
The founder of {FIRM}, {PER}, {did}
Its {job}, {PER}, {did} {ON}
Police in {TOWN} are looking for a {job} with {thing}
Scientists at {ORG} have lost {thing}
The {job}, a friend of {FIRST}'s, {did}
Neither {FIRST} nor {FIRST} had ever seen {thing}
"It was {thing}," said {FIRST}, and {did}
{FIRST} looked at {thing}, then at {FIRST}
{FIRST} {did}, {FIRST} {did}, and the {job} {did}
When {FIRST} came back from {LOC}, {thing} was gone
Since {event}, {LOC} has been quiet
Before {event} {PER} lived in {LOC} with {thing}
{LOC} had its first {job} in {YEAR}
Everything in {TOWN} costs more than in {TOWN}
My grandmother came from {LOC} with {thing}
Her brother {FIRST} is in {LOC}, her sister in {LOC}
The prime minister of {COUNTRY} {did} {ON}
{COUNTRY}, {COUNTRY} and {COUNTRY} sent their ministers home
Voters in {COUNTRY} go to the polls {ON}
For the first time since {YEAR}, the {WATER} froze
A ship under the flag of {COUNTRY} sank off {LOC}
The {job} of {CLUB} {did} after {event}
{CLUB} have not won since {DATE}
{CLUB}'s {job}, {LAST}, {did}
{TOWN} drew with {TOWN} {ON}
The {YEAR} edition is missing
The summer of {YEAR} was worse
Half of {TOWN} works for {ORG}
To {PER}, with thanks for {thing}
Ask for {FIRST} at the desk
Change at {TOWN} for {TOWN} and {TOWN}
Doors open {ON}; ask for {FIRST}
Post it to {ORG}, {TOWN}
The {job} handed {FIRST} {thing}
Chief {job} {LAST} {did}
Somewhere between {TOWN} and {TOWN} we lost {thing}
{FIRST}, the younger of the two, {did}
Nothing grows on {LOC} but moss
Every {WEEKDAY} the {job} feeds the ducks in {STREET}
Rehearsals begin at {ORG} {ON}
{title} {FIRST} {LAST} {did}
It is {WEEKDAY}, {DATE}, and {thing} is still there
One {WEEKDAY} in {MONTH} {FIRST} {did}
{MONTH} {YEAR} was the last month of {event}
"""

NAMELESS = """\
The {job} {did}
The {job} and the {job} {did}
A {job} may complain, a {job} will not
{thing} lay on the table
She gave the {job} {thing}
After {event} everybody went home
They will march until somebody listens
The {job} will mark the papers next week
Please chase the {job} about {thing}
My {job} has lost {thing}
Why would a {job} need {thing}?
It may rain during {event}
Yesterday the {job} brought {thing}
Two years ago the {job} {did}
The company, the bank and the university all wanted {thing}
The river was low, the mountain was high, and the {job} was tired
The museum is next to the hospital, and the hospital is next to the station
Is there a {job} in the house?
Nobody remembers {event}
He rose early, took {thing} and left
We hope for rain and a good {job}
The English of the {job} was better than the German of the {job}
French and Italian {job}s share {thing}
Add the sugar, then the eggs, and stir for five minutes
Boil the rice in salted water until it is soft
If the light is green, press the second button; if it is red, call a {job}
Turn right after the bridge and ask the {job}
The president, the minister and the {job} shook hands
Last night, next week, any day now
In the morning the {job} {did}; in the evening so did I
Children under ten need a {job} with them
This was not about {event}
All rights reserved
No {job}s were harmed
What a day
I think the {job} is right
Our {job} turned seventy last month
The kitchen smelled of apples and orange peel
They paid the bill in coins
It was a question of time, said the {job}
The frank answer of the {job} won nobody over
An hour later the {job} found {thing}
Most {job}s prefer {thing}
The second {job} was quicker than the first
The {job} {did}, and so did everybody else
My {job} {did} last week
A {job} with {thing} {did}
They {did} before {event}
She {did}, he {did}
When the lights went out, the {job} {did}
Once upon a time a {job} had three sons and {thing}
"You can't have {thing}," said the {job}
Without {thing} nothing works
The old {job} lived alone with {thing}
Nobody had told the {job} about {thing}
Most of the class {did}
For sale: {thing}, never used
{thing} and {thing} for the price of one
Do not leave {thing} near water or children
To open the lid, press the button and ask a {job}
Preheat the oven to two hundred degrees
Heavy clouds hung over the roofs all day
Two {job}s, a {job} and a dog were stuck in the lift
It was a cold spring and a wet summer
The village has eleven houses and a {job}
In winter the lake is quieter than the town hall
He wanted to be a {job}; he became a {job}
Own van, clean licence, two references on request
"""

CHAT = """\
is {FIRST} coming {ON}?
anyone going to {TOWN} {ON}
{FIRST} says hi from {LOC}
just landed in {TOWN}, so tired
wait, {FIRST} works at {FIRM} now?
can someone ask {FIRST} for {thing}
{FIRM} still hasn't sent me {thing}
who's {FIRST} again? the {job}?
see you {ON} {FIRST}
leaving {TOWN} {ON}, back {ON}
happy {FEAST} {FIRST}!!
has {FIRST} heard from {FIRST}
thinking of moving to {LOC} tbh
never fly with {FIRM}, they lost {thing}
ok so {WEEKDAY} or {WEEKDAY}?
my flight to {TOWN} got moved to {DATE}
{FIRST} and i are at {ORG}, where are you
got {thing} from {FIRST}, ty
lol no
i may be late, don't wait
that was the worst {job} i ever had
sorry wrong chat
does {FIRST}'s {job} still live in {TOWN}
{CLUB} lost again, {FIRST} is crying
tell {FIRST} and {FIRST} i said thanks
anyone here from {LOC}? need a {job}
is the shop on {STREET} open on {WEEKDAY}
i will ask mum and we will see
{ORG} is hiring btw
moved here from {COUNTRY} in {YEAR}
{MONTH} is fine, {MONTH} is not
call me when you are in {TOWN}
@{FIRST} did you see this
rip my phone ({YEAR} - {YEAR})
back in {LOC} until {DATE}
the {job} comes {ON}
did granny get home ok from {TOWN}?
{FIRST} wants {thing} back
can you bring {thing} please
so proud of you {FIRST}
who took {thing}
i was nine when we left {LOC}
my {job} is in {TOWN} till {DATE}
does the {TOWN} shop still sell {thing}
grandad {did} again
anything but {thing} please
working {WEEKDAY} and {WEEKDAY}
"""

HEADLINES = """\
{LAST} Quits {FIRM}
{FIRM} Buys {FIRM}
{TOWN} Waits for Rain
{COUNTRY} and {COUNTRY} Sign New Treaty
{PER}, {job}, Found in {TOWN}
Fire Closes {ORG}
{ORG} to Open Branch in {TOWN}
Ferries Back in Service by {WEEKDAY}
{LAST} Beats {LAST} in {TOWN}
Floods in {LOC}: Hundreds Moved
{CLUB} Sack {LAST}
Why {TOWN} Needs a {job}
{FIRM} Shares Fall After {DATE} Report
Storm Hits {LOC}
Closed for {FEAST}
{event} in {TOWN}: {LAST} Blamed
Small {job}, Big Heart
Bread Prices Rise Again
{COUNTRY} Votes on {WEEKDAY}
The Last {job} of {STREET}
"""

CVS = r"""{PER}, {TOWN}\nProfession: {job}\n{FIRM}, {YEAR}–{YEAR}\n{ORG}, {YEAR}–{YEAR}
{PER}, {job}. Born in {TOWN}, {DATE}. Trained at {ORG}.
{PER} | {job} | {TOWN} | once with {FIRM}
Experience: {job}, {FIRM}, {TOWN} ({DATE} to {DATE})
Experience\n{job} at {FIRM}, {DATE} – {DATE}\n{job} at {ORG}, {DATE} – {DATE}
Education: {SCHOOL}, {YEAR}; {SCHOOL}, {YEAR}
Studies: {SCHOOL} (MA, {YEAR}), {SCHOOL} (BSc, {YEAR})
References: {PER}, {job} at {FIRM}; {PER}, {ORG}
Referee: {PER} ({FIRM})
Skills: Spanish, book-keeping, patience, {thing}
Languages: English, Arabic, some Polish
{DATE}–today: {job} at {ORG}, {TOWN}
{YEAR}–{YEAR}: {job} in {COUNTRY}, for {SHORTORG}
Since {YEAR} {job} at {FIRM}; before that {job} in {TOWN}
I worked as a {job} for {FIRM} in {TOWN} until {DATE}.
I am a {job} with ten years of experience and {thing}.
{job} with a clean licence, available from {MONTH}
Internship at {FIRM}, {TOWN}, {SEASON}
Awards: {job} of the year, {TOWN}, {YEAR}
Volunteer at {ORG}, {YEAR} to {YEAR}; spoke at {ORG} in {TOWN}
Address: {STREET}, {TOWN}, {COUNTRY}
{PER}\n{STREET}, {TOWN}\nLooking for work as a {job} from {DATE}
Profile: {job}, team player, early riser.
Hobbies: chess, gardening, long walks
{FIRM}, {job} ({YEAR} – {YEAR}). Reported to {PER}.
{SCHOOL} ({YEAR}), thesis with {title} {LAST}
"""
