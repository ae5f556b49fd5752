"""The words that the generator of utils/datasets/generators/entities/sentences.py fills in.

People and firms are invented, places mostly real. A few public bodies and firms stand here by name (the UN, Apple):
a reader meets them, and some are words as well.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


FIRST = _words(
    "Aaliyah Abel Abena Adaora Adela Ahmed Aiko Ailsa Akira Alba Aleksander Alma Amina Amos Anan Andrei Anja Anouk "
    "Antonia Anwar Arash Ariel Arjun Asha Astrid Atsuko Aurelio Ayesha Babak Baptiste Beatriz Bella Bengt Benita "
    "Bjarne Blessing Bogdan Branka Bruno Camille Carlos Catalina Celia Chen Chidi Chinwe Cillian Clara Claudio "
    "Consuelo Cyrus Dagny Damir Daphne Dariusz Delphine Desta Devika Dina Diego Djamila Dunja Ebba Edwin Efua "
    "Eilidh Eliza Elif Emeka Emil Enzo Erik Ester Eszter Etienne Eva Farid Fatima Felipe Ferenc Fiona Flora Freya "
    "Gabriela Galina Gareth Gemma Gerda Giorgio Goran Greta Gustavo Hakim Hana Haruki Hassan Hedwig Helga Henrik "
    "Hilde Hiro Hugo Ibrahim Ida Ifeoma Igor Ilse Imani Ingrid Irena Isaac Isla Ivan Jamal Jana Javier Jelena Jens "
    "Joachim Johanna Jonah Jorge Josefa Juma Jun Kaito Kamala Karol Kasper Katya Keiko Kemi Kenji Khadija Kieran "
    "Kirsten Klara Kwame Laila Lamine Lars Laszlo Leila Lena Leon Liesel Lin Linus Lorenzo Lucia Ludmila Luis "
    "Lukas Magda Malik Manuel Marcel Mariana Marit Marta Mateus Matilda Mehmet Mei Mercy Mikkel Milena Mina Miguel "
    "Mira Mohan Moira Nadir Naomi Naveen Nia Nikolai Nils Nina Nobuko Oksana Olga Olivia Omar Oskar Otto Pablo "
    "Paloma Paolo Parisa Pedro Petra Philippa Pilar Radek Rafael Rania Rashid Renata Ricardo Roisin Roman Rosalind "
    "Rukmini Saad Sabine Sadia Salma Samir Sana Sander Sanjay Santiago Sara Selim Sena Shanti Shirin Sigrid Silas "
    "Simone Sofia Stefan Sunil Svetlana Taavi Tadeusz Tamar Tarek Tariq Teresa Thandi Theo Thora Tove Uche Ulrike "
    "Umar Ursula Valentin Vera Viggo Vikram Viola Wanda Wei Wilhelmina Xavier Yara Yasmin Yelena Yohannes Yuri "
    "Yvette Zara Zeinab Zofia Zuri"
)
FIRST_THAT_ARE_WORDS = _words(  # or places, or months
    "May June April August Will Mark Bill Rose Hope Grace Joy Faith Ruby Pearl Amber Iris Ivy Lily Olive Hazel "
    "Heather Jasmine Poppy Holly Violet Daisy Frank Grant Chase Art Dean Guy Rob Pat Sue Penny Jack Nick Drew "
    "Miles Gene Rusty Sandy Summer Autumn Sunday Dawn Eve Melody Robin Jay Victor Earnest Christian Jordan Georgia "
    "Sydney Florence Chelsea Austin Paris Virginia Victoria Charlotte Lincoln Israel Chad Kent Dallas Carolina "
    "Savannah Brooklyn Adelaide Alexandria Valencia Lourdes Kelvin Watt"
)
LAST = _words(
    "Abara Abiodun Achterkamp Adeleke Agyeman Ahlgren Akintola Alvarado Amrani Anand Andrade Ardagh Arslan Asante "
    "Aspinall Aubert Azevedo Babatunde Bachmann Balogun Banerjee Barankay Barros Bauer-Okoro Beaulieu Belmonte "
    "Bergqvist Bielski Birkeland Blanchard Bodin Bonsu Borg Brankovic Bremner Brightwell Calloway Campos Caruana "
    "Castellan Cavendale Cerny Chaudhary Chikwanha Cisse Coldstream Corbishley Costanza Crowhurst Dabrowski "
    "Dahlberg Danquah Darko Delacroix Demirci Diallo Dobbs Domingues Drabble Duchamps Eastmoor Edevane Ekström "
    "Eldridge Emenike Engel Eriksen Escobedo Fairweather Falkner Farouk Fenwick Figueroa Fjeld Fontaine Forsberg "
    "Fujimura Gallacher Garrido Gasparini Gebremariam Ghosh Gilchrist Gjerde Goldberg-Adu Grabowska Gudmundsson "
    "Gupte Haddad Halvarsson Hamasaki Hargreave Hashemi Havlicek Heatherley Hinterberger Hoang Holmqvist Horvat "
    "Huygens-Bello Ibarra Idowu Ingleby Iyer Jablonski Jankovic Jayawardene Johansdotter Kaminska Kapoor Karimova "
    "Kasongo Kavanagh-Ito Kettering Khalil Kirwan Kobayashi Kowalczyk Kuznetsova Lachance Lagerfeldt Lambrecht "
    "Larbi Lazarov Leclair Lehtinen Leitner Linares Lovelock Lukic Lundgren Macalister Madaki Magnusson Makinde "
    "Malinowski Mandelkern Marchetti Masuda Matiba Mbeki-Stone Mensah Merriweather Meszaros Mirza Montefiore "
    "Moreau Mukherjee Musa Nakagawa Natarajan Ndiaye Nemeth Nikolaidis Njoroge Nordahl Novotny Nyström Obiang "
    "Odhiambo Ogunleye Ohlsson Okonkwo Olivetti Oppenheim Orlandi Osterman Oyelowo Palmgren Papadakis Parravicini "
    "Pellegrino Penhaligon Pettersen Pham Pinheiro Popescu Prokop Quiroga Raghavan Rantanen Rasmussen Redfern "
    "Reinholt Rezaei Ribeiro Rosenkvist Rousselle Rutherglen Saarinen Sandoval Santangelo Sarpong Scholten Seidel "
    "Serrano Shaheen Shirazi Sigurdsson Silveira Skovgaard Sobczak Solberg Soyinka Stanhope Steiner-Das Strand "
    "Sundaram Svoboda Szabo Tagoe Takahashi Tamboura Tavares Teixeira Thackery Thorsen Tiwari Tolland Toussaint "
    "Traore Tremblay Ueda Umeh Underhill Vaillant Valverde Vandenberg Varga Vassiliou Verhoeven Villanueva Vinter "
    "Volkova Vondra Wakefield-Sy Wallander Wanjiru Warsame Weatherby Wesselink Whitcombe Wierzba Wolde Yamane "
    "Yeboah Yilmaz Zajac Zamora Zelenko Ziegelmann Zoltan"
)
LAST_THAT_ARE_WORDS = _words("Baker Cook Frost Winter Young Rich Marsh Field Stone Brook Fisher Wells Church Bridges")
PARTICLES = _words("van van_der de de_la von di del da ten ter al- O' Mc")
NICKNAMES = _words("Bo Gus Lottie Mimi Teddy Coco Jojo Nana Sol Max Kit Fitz Dodo Pip Lou Bea Manny Zee")
TITLES = _words("Mr Mrs Ms Miss Dr Dr. Prof. Professor Captain Sergeant Judge Sister Father Rev. Lady Aunt Uncle")

COUNTRIES = _words(
    "Albania Algeria Angola Argentina Armenia Australia Austria Bangladesh Belgium Benin Bolivia Botswana Brazil "
    "Bulgaria Burundi Cambodia Cameroon Canada Chad Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt "
    "Estonia Ethiopia Fiji Finland France Gabon Georgia Germany Ghana Greece Guatemala Guinea Haiti Honduras "
    "Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Jordan Kenya Kuwait Laos Latvia "
    "Lebanon Liberia Libya Lithuania Madagascar Malaysia Mali Malta Mexico Mongolia Morocco Namibia Nepal "
    "Nicaragua Niger Nigeria Norway Oman Pakistan Panama Paraguay Peru Poland Portugal Qatar Romania Rwanda "
    "Senegal Serbia Singapore Slovakia Slovenia Somalia Spain Sweden Switzerland Syria Tanzania Thailand Togo "
    "Tonga Tunisia Turkey Uganda Ukraine Uruguay Uzbekistan Vietnam Yemen Zambia Zimbabwe South_Africa North_Korea "
    "South_Korea New_Zealand Saudi_Arabia Sri_Lanka Costa_Rica El_Salvador Sierra_Leone Burkina_Faso Ivory_Coast "
    "Cape_Verde Czech_Republic Papua_New_Guinea"
)
SHORT_PLACES = _words("UK U.K. US U.S. USA UAE NYC L.A. JFK CDG LHR")
CITIES = _words(
    "Abidjan Abuja Adelaide Alexandria Algiers Amman Amsterdam Ankara Antananarivo Asunción Athens Auckland "
    "Baghdad Baku Bamako Bangkok Barcelona Basel Beirut Belfast Belgrade Berlin Bilbao Birmingham Bogotá Bologna "
    "Bordeaux Boston Bratislava Brisbane Bristol Brussels Bucharest Budapest Cairo Calgary Cambridge Canberra "
    "Caracas Cardiff Casablanca Chengdu Chicago Cologne Conakry Copenhagen Cork Dakar Damascus Denver Dhaka "
    "Dresden Dublin Durban Edinburgh Florence Fukuoka Gaborone Geneva Genoa Glasgow Granada Grenoble Guayaquil "
    "Hamburg Hanoi Harare Havana Helsinki Istanbul Jakarta Johannesburg Kabul Kampala Karachi Kathmandu Khartoum "
    "Kigali Kolkata Kraków Kyiv Lagos Leeds Leipzig Lille Lima Lisbon Liverpool Ljubljana London Luanda Lusaka "
    "Lyon Madrid Malmö Manchester Manila Maputo Marrakesh Marseille Medellín Melbourne Minsk Mombasa Montreal "
    "Mumbai Munich Nairobi Nantes Naples Nice Nottingham Odessa Osaka Oslo Ottawa Oxford Palermo Paris Perth Porto "
    "Prague Pretoria Quito Rabat Reading Riga Rome Rotterdam Salzburg Santiago Sarajevo Seattle Seoul Seville "
    "Shanghai Skopje Sofia Stockholm Strasbourg Sydney Taipei Tallinn Tbilisi Tehran Thessaloniki Tokyo Toronto "
    "Toulouse Tripoli Trondheim Tunis Turin Uppsala Utrecht Valencia Vancouver Venice Vienna Vilnius Warsaw "
    "Wellington Windhoek York Zagreb Zurich Split Bath Mobile Orange Victoria Washington Lincoln Dallas Austin "
    "Charlotte New_York New_Delhi San_Francisco Los_Angeles Hong_Kong Tel_Aviv Addis_Ababa Buenos_Aires "
    "Mexico_City Ho_Chi_Minh_City Kuala_Lumpur Rio_de_Janeiro São_Paulo Cape_Town Port_Louis Santa_Cruz St._Gallen "
    "Phnom_Penh"
)
REGIONS = _words(
    "Andalusia Anatolia Bavaria Brittany Burgundy Catalonia Cornwall Crimea Dalmatia Flanders Galicia Lapland "
    "Lombardy Normandy Patagonia Provence Punjab Sardinia Saxony Scotland Sicily Siberia Silesia Tuscany "
    "Transylvania Tyrol Wales Yorkshire California Texas Virginia Ontario Kerala Gujarat Devon Kent "
    "Northern_Ireland Nova_Scotia New_South_Wales Europe Africa Asia Antarctica Central_America West_Africa "
    "Central_Asia Scandinavia"
)
WATERS = _words(
    "Amazon Congo Danube Elbe Ganges Jordan Loire Mekong Mississippi Niger Nile Oder Orinoco Po Rhine Rhône Seine "
    "Severn Tagus Thames Tigris Vistula Volga Yangtze Baltic Aegean Adriatic Pacific Atlantic"
)
SEAS = _words("Black_Sea North_Sea Red_Sea Arctic_Ocean Pacific_Ocean Gulf_of_Guinea Bay_of_Bengal Strait_of_Hormuz")
HILLS = _words("Alps Andes Pyrenees Carpathians Caucasus Himalayas Rockies Urals Dolomites Apennines")
PLANETS = _words("Mars Venus Jupiter Saturn Neptune Mercury Uranus Pluto")
TOWN_STARTS = _words(
    "Alder Amber Ash Black Bram Bright Brock Copper Cran Crow Dun East Elder Fal Fern Glen Grim Hart Haw Hazel "
    "Hollow Iron Kes Kings Lang Lark Lin Marl Mill Moor Nether North Oak Ott Pen Quar Raven Red Ros Salt Sel "
    "Silver South Stan Stone Swan Thorn Tor Under Wal West White Wil Win Wolf"
)
TOWN_ENDS = _words(
    "beck bourne bridge bury by combe cross dale den field ford gate ham haven hill holm hurst leigh ley mere "
    "mouth port ridge sea shaw stead stoke ton vale wick wold wood worth"
)
FOREIGN_TOWNS = _words(
    "Altamora Bergavik Brunnsdorf Casalunga Castelrovo Dobrovar Estvára Feldkirchen-am-See Grönvik Hanamura "
    "Jelenovac Kalinova Karasu Kirkenvik Lumbarda-Nova Maresol Montclaret Nakivubo Olsztynek Ombara Ostrelia "
    "Pedravia Rivamonte Sankt_Adler Santa_Odília Sélinga Tamarikuro Umbezi Valdoreno Villeverte Wadi_Marat "
    "Zlatograd"
)
STREETS = _words("Street Road Lane Avenue Square Row Crescent Way Terrace Gardens Hill Alley Close")
SPOTS = _words("Park Bridge Station Airport Harbour Stadium Market Pier Forest Tower Castle Common Lighthouse")
STREET_NAMES = _words(
    "Acorn Albion Anchor Barley Bishop Candle Canal Carriage Cedar Chapel Clover Cooper Dock Elm Falcon Ferry "
    "Garrison Goose Granary Heron Kiln King Lantern Lime Magnolia Mason Mercer Mint Nelson Nightingale Orchard "
    "Ostler Parade Pelican Quarry Queen Ropemaker Saffron Station Sycamore Tanner Union Vine Walnut Weaver Willow"
)

COINED = _words(
    "Acuvance Aerion Altiva Ambrolex Arcturo Astrel Avenza Bionexa Bluemarsh Boreas Brightfold Calyptra Candelux "
    "Cirrona Clarivue Cobaltine Corvane Cumulo Dendra Duravolt Echelon Elmira Emberly Equinova Fathom Fenestra "
    "Ferrox Finvera Fluxion Fortuna Galvani Glint Granita Halcyon Helix Hexaplan Hydrel Inkwell Isobar Juniper "
    "Kaleido Kinetica Krypta Lambent Larkspur Lattice Lodestar Luminor Magpie Medivar Meridia Mistral Monolith "
    "Nebulon Nereid Nordiska Novacrest Oakline Octavia Onyxia Opaline Orbitron Osprey Paragon Pinecone Pivotal "
    "Plexor Polaris Quanta Quorum Redwing Rivulet Rubicon Sable Sentinel Seraphim Silvanus Skylark Solenne "
    "Starling Stratum Sundial Synthera Tangent Terravolt Thimble Tidewater Torrent Trellis Umbra Undula Vectora "
    "Veridian Vesta Vireo Vortexa Wavelet Willowware Xanthe Yonder Zephyrix"
)
TRADES = _words(
    "Airlines Analytics Bakery Bank Biscuits Capital Catering Cement Chemicals Cinemas Coffee Construction "
    "Cosmetics Design Electric Energy Engineering Farms Films Finance Foods Freight Furniture Games Gas Glass "
    "Healthcare Holdings Hotels Insurance Interiors Kitchens Labs Logistics Media Mining Mobile Motors Oil Optics "
    "Paints Paper Partners Pharma Pictures Press Rail Records Robotics Security Seeds Shipping Shoes Software "
    "Solar Steel Studios Systems Tea Telecom Textiles Toys Travel Trust Ventures Water Wines"
)
LEGAL = _words("Ltd Ltd. plc Inc. Inc GmbH AG AB Oy S.A. S.p.A. LLC Corp. &_Co. &_Sons &_Daughters Group Brothers")
BODIES = _words("Ministry Department Institute Museum Academy Society Guild Office Bureau Association Council Union")
TOPICS = _words(
    "Agriculture Ancient_Coins Astronomy Bee_Research Bridges Climate_Studies Culture Deep_Water Education Finance "
    "Fisheries Folk_Music Forests Fungi Health Justice Labour Lighthouses Maritime_History Marine_Biology "
    "Modern_Art Motoring Natural_History Night_Workers Paper Public_Works Puppetry Roads Seismology Small_Farms "
    "Statistics Textiles the_Interior the_North Toys Transport Tropical_Medicine Violin_Makers Weather Wine "
    "Women_Engineers Young_Writers"
)
CLUBS = _words(
    "United Rovers Wanderers Athletic City Town Rangers Harriers Wasps Lions Dragons Hornets Bears Falcons Dynamos"
)
PAPERS = _words("Times Herald Gazette Tribune Courier Chronicle Post Echo Observer Mercury Star Argus Review")
ADJECTIVES = _words(
    "Amber Blue Broken Brass Burning Crooked Dancing Electric Flying Frozen Gentle Golden Green Hidden Hollow "
    "Hungry Idle Little Lonely Lucky Midnight Northern Old Paper Quiet Red Rusty Salty Secret Silent Silver Sleepy "
    "Velvet Wandering White Wild Wooden Yellow"
)
NOUNS = _words(
    "Anchor Apple Badger Barrel Bell Bicycle Candle Cat Cloud Compass Crow Door Drum Elephant Feather Fiddle Fox "
    "Goat Hammer Hare Heron Kettle Key Lamp Lantern Lion Mill Moon Otter Owl Parrot Pear Pilot Plough Raven River "
    "Rook Rose Sailor Ship Shoe Spoon Star Swan Table Teapot Tiger Tulip Turtle Umbrella Whale Wheel Wolf"
)
SAINTS = _words("St St. Saint Santa San Our_Lady")
SAINT_NAMES = _words(
    "Agnes Alban Anselm Barbara Cecilia Columba Elmo Gerard Hilda Jude Lucy Marina Monica Ninian Ursula"
)
LETTERS = "ABCDEFGHIKLMNOPRSTUVW"
PUBLIC = _words(
    "UN EU NATO WHO UNESCO UNICEF BBC NASA OPEC FIFA IMF WTO NHS FBI ESA CERN Apple Amazon Shell Orange Target Gap "
    "Delta Visa Oracle Subway Puma Boots Next Ford Chase Square Virgin Nestlé Toyota Siemens Ikea Lego Nokia "
    "Samsung Philips"
)

MONTHS = _words("January February March April May June July August September October November December")
SHORT_MONTHS = _words("Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Jan. Feb. Aug. Sept. Oct. Nov. Dec.")
DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
SHORT_DAYS = _words("Mon Tue Wed Thu Fri Sat Sun")
SEASONS = _words("spring summer autumn winter")
FEASTS = _words(
    "Christmas Easter Diwali Ramadan Hanukkah Halloween Midsummer Pentecost Carnival New_Year's_Day New_Year's_Eve "
    "Christmas_Day Christmas_Eve Boxing_Day Good_Friday Easter_Monday Palm_Sunday Labour_Day Independence_Day "
    "Thanksgiving May_Day St_Patrick's_Day All_Saints'_Day Mother's_Day Valentine's_Day"
)
CENTURIES = _words(
    "twelfth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth 13th 14th 16th 18th 19th 20th"
)

JOBS = (
    "accountant|actor|architect|baker|barber|beekeeper|bookseller|bus driver|butcher|carpenter|caretaker|chef|"
    "chemist|cleaner|clerk|composer|cook|courier|dentist|detective|doctor|editor|electrician|engineer|farmer|"
    "firefighter|fisherman|florist|gardener|geologist|guide|historian|judge|lawyer|librarian|mathematician|"
    "mechanic|midwife|minister|musician|nurse|painter|pharmacist|photographer|physicist|pianist|pilot|plumber|poet|"
    "policeman|porter|programmer|receptionist|reporter|sailor|sculptor|singer|surgeon|tailor|teacher|translator|"
    "vet|violinist|waiter|weaver|welder|zoologist|admiral|archaeologist|astronomer|auctioneer|bank manager|banker|"
    "bishop|blacksmith|boxer|bricklayer|captain|cashier|coach|cobbler|conductor|crane driver|customs officer|"
    "dancer|diver|driver|economist|ferryman|footballer|glazier|goalkeeper|grocer|hairdresser|innkeeper|inspector|"
    "janitor|jeweller|journalist|juggler|landlord|lifeguard|locksmith|magician|manager|mayor|miner|monk|neighbour|"
    "novelist|nun|optician|organist|owner|pensioner|postman|potter|priest|professor|psychologist|publisher|roofer|"
    "sales assistant|scientist|seamstress|secretary|sergeant|shepherd|shopkeeper|soldier|spokeswoman|student|"
    "swimmer|taxi driver|trainee|treasurer|tutor|twin brother|undertaker|uncle|union leader|watchmaker|widow|"
    "winner|witness|zookeeper|director|chairwoman|founder|senior analyst|project leader|head of sales"
).split("|")
THINGS = (
    "an old map|a broken clock|a red bicycle|the missing key|a box of letters|a violin|three chairs|a grey parrot|"
    "a second-hand car|a tin of paint|the last ticket|a bag of lemons|a wooden boat|a small telescope|"
    "the wrong coat|a loaf of bread|a painting of a horse|two umbrellas|a bill for nine pounds|a rose bush|"
    "a mark on the wall|a piano without keys|a cheap phone|a bottle of ink|a new roof|the contract|the report|"
    "a pair of skis|a set of china plates|a recipe for soup|an apple tree|some orange curtains|a jar of honey|"
    "the minutes of the meeting|a bag of cement|a bar of soap|a basket of eggs|a bathtub|a bottle of cider|"
    "a broken window|a bucket of coins|a cup of tea|a deck chair|a diary|a dishwasher|a fridge full of yoghurt|"
    "a fur hat|a garden shed|a goldfish|a grand piano|a guitar|a half-eaten cake|a heap of sand|a kitchen knife|"
    "a ladder|a letter without a stamp|a lorry full of melons|a map of the moon|a mouse|a necklace|a new van|"
    "a nine-page poem|a pair of boots|a parking ticket|a passport|a penny|a plate of oysters|a pram|a rubber duck|"
    "a sack of flour|a sandwich|a satellite dish|a set of keys|a sewing machine|a shell|a silver spoon|"
    "a small bomb from the war|a small shop|a stone lion|a suitcase|a suspended sentence|a sword|a swimming pool|"
    "a tractor|a typewriter|a vacuum cleaner|a very large cheese|a warm coat|a wedding dress|all the money|"
    "an accordion|an army of ants|an aquarium|an electric fan|an engine|an envelope|an iron gate|an oil lamp|"
    "four tyres|half a ton of coal|his glasses|his grandmother's ring|its annual report|nine goats|"
    "nine thousand tulips|plans for a tunnel|some advice|some old photographs|ten pounds of butter|the accounts|"
    "the best seats|the bill|the boiler|the dog|the exam results|the first draft|the ladder|the last word|the lift|"
    "the lost luggage|the spare tyre|the stolen car|the television|the wrong medicine|twelve candles|two cows|"
    "two tickets to the opera|a tin of squid|the price of bread|a rumour about the boss|a hole in the fence|"
    "a mild fever|an ordinary stone|nothing but trouble|one shoe|a great deal of cloud"
).split("|")
EVENTS = (
    "the strike|the flood|the trial|the election|the concert|the wedding|the match|the fire|the opening|"
    "the funeral|the conference|the march|the storm|the exhibition|the auction|the harvest|the meeting|the race|"
    "the earthquake|the premiere|the exam|the inquiry|the accident|the anniversary|the annual dinner|the ballet|"
    "the bankruptcy|the battle|the boat trip|the book fair|the census|the collapse of the roof|the concert tour|"
    "the coronation|the court case|the curfew|the debate|the divorce|the drought|the eclipse|the explosion|"
    "the festival|the final|the flight|the frost|the general election|the heatwave|the holidays|the interview|"
    "the invasion|the landslide|the lecture|the lesson|the long winter|the merger|the mutiny|the operation|"
    "the parade|the power cut|the press conference|the quarrel|the rehearsal|the rescue|the revolution|the scandal|"
    "the school play|the siege|the snow|the takeover|the treaty|the verdict|the vote|the war|the world cup|"
    "the game|the summer|the spring tide|the rain"
).split("|")
DID = (
    "moved|went back|retired|got married|caught a cold|lost the election|opened a shop|broke a leg|learned to swim|"
    "changed jobs|gave a talk|sold the house|began to paint|won a prize|missed the boat|fell asleep|told nobody|"
    "ran out of money|bought a goat|found work|was arrested|slept badly|took the night train|wrote a book|"
    "apologised|asked for a loan|ate alone|bought a van|broke a window|burnt the toast|called the fire brigade|"
    "came home|came in last|climbed over the fence|closed the door|complained about the noise|"
    "counted the money twice|crossed the street|cut the ribbon|danced until dawn|denied everything|died in poverty|"
    "dropped a plate|explained the rules|fainted|fed the ducks|fell off a ladder|fell out with the neighbours|"
    "found a coin|forgot the password|gave evidence|gave up smoking|got off at the wrong stop|"
    "got stuck in the lift|had a long bath|had an idea|had never heard of it|hid behind the curtain|hung up|"
    "joined the army|joined the navy|kept bees|kept quiet|knocked twice|laughed|lay down in the snow|"
    "learned to read|left early|left the country|left the room|lent me a pen|lived in a caravan|locked the door|"
    "looked for work|lost an eye|lost the keys|made a bad bargain|made soup|moved into a monastery|never came back|"
    "never learned to drive|ordered the fish|overslept|paid in cash|painted the kitchen|played the organ|"
    "poured two glasses|quit smoking|ran for office|ran the marathon|read the small print|repaired clocks|resigned|"
    "said nothing|sang out of tune|saw a fox|served soup|set off at dawn|signed the contract|slipped on the ice|"
    "sold everything|spoke for an hour|stayed in bed|stole a horse|stood up|studied law|swam across|"
    "took a photograph|took the bus|took the credit|took the stairs|turned off the lamp|turned seventy|"
    "voted against|waited for the bus|walked home|was born again, as a vegetarian|was fined for speeding|was late|"
    "was not hurt|was taken to hospital|washed up|went bankrupt|went fishing|went to bed|whistled|woke up|"
    "won the lottery|worked nights|wrote to the mayor"
).split("|")
AFTERTHOUGHTS = (
    "|||||, and nobody noticed|, of course|, they say|, much to everyone's surprise| for the second time|"
    ", or so we hear|, and it rained| again| at last|, which was a mistake|, despite the weather|, without a word|"
    ", for once"
).split("|")
