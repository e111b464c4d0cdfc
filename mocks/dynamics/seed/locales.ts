/** People and places of one country. */
export interface Locale {
  readonly country: string;
  readonly women: readonly string[];
  readonly men: readonly string[];
  readonly lastNames: readonly string[];
  readonly cities: readonly {
    readonly city: string;
    readonly state: string;
    readonly postalCode: string;
    readonly latitude: number;
    readonly longitude: number;
  }[];
  readonly streets: readonly string[];
  /** How its companies end. */
  readonly companySuffixes: readonly string[];
  readonly phonePrefix: string;
  readonly currency: 'USD' | 'EUR' | 'GBP' | 'JPY';
  readonly salutations: readonly [woman: string, man: string];
}

function city(name: string, state: string, postalCode: string, latitude: number, longitude: number) {
  return { city: name, state, postalCode, latitude, longitude };
}

export const LOCALES: readonly Locale[] = [
  {
    country: 'United States',
    women: ['Susanna', 'Nancy', 'Maria', 'Yvonne', 'Patricia', 'Olivia', 'Denise', 'Grace'],
    men: ['Scott', 'Sidney', 'Robert', 'Thomas', 'Jim', 'Marcus', 'Paul', 'Wesley'],
    lastNames: ['Anderson', 'Campbell', "O'Neil", 'Lyon', 'Higa', 'Glynn', 'McKay', 'Cannon', 'Whitaker', 'Brooks'],
    cities: [
      city('Redmond', 'WA', '98052', 47.67399, -122.12151),
      city('Dallas', 'TX', '75201', 32.78306, -96.80667),
      city('Boston', 'MA', '02108', 42.35843, -71.05977),
    ],
    streets: ['Main Street', 'Oak Avenue', 'Lakeview Drive', 'Market Street'],
    companySuffixes: ['Inc.', 'LLC', 'Corp.'],
    phonePrefix: '+1 425-555-',
    currency: 'USD',
    salutations: ['Ms.', 'Mr.'],
  },
  {
    country: 'France',
    women: ['Chloé', 'Zoë', 'Amélie', 'Camille', 'Hélène', 'Inès'],
    men: ['François', 'Jérôme', 'Loïc', 'Théo', 'Étienne', 'Rémi'],
    lastNames: ['Lefèvre', 'Béranger', 'Dupont', "D'Aubigné", 'Garçon', 'Moreau', 'Faÿ'],
    cities: [
      city('Paris', 'Île-de-France', '75002', 48.85341, 2.3488),
      city('Besançon', 'Bourgogne-Franche-Comté', '25000', 47.24878, 6.01815),
      city('Orléans', 'Centre-Val de Loire', '45000', 47.90289, 1.90389),
    ],
    streets: ['rue de la Paix', 'avenue des Tilleuls', 'boulevard Voltaire'],
    companySuffixes: ['SARL', 'S.A.', 'et Fils'],
    phonePrefix: '+33 1 99 00 ',
    currency: 'EUR',
    salutations: ['Mme', 'M.'],
  },
  {
    country: 'Germany',
    women: ['Jördis', 'Ursula', 'Käthe', 'Anneliese', 'Grünhild'],
    men: ['Jürgen', 'Sören', 'Götz', 'Matthias', 'Björn'],
    lastNames: ['Müller', 'Weiß', 'Schröder', 'Großmann', 'Köhler', 'von der Heide'],
    cities: [
      city('Köln', 'Nordrhein-Westfalen', '50667', 50.93333, 6.95),
      city('München', 'Bayern', '80331', 48.13743, 11.57549),
      city('Lübeck', 'Schleswig-Holstein', '23552', 53.86893, 10.68729),
    ],
    streets: ['Lindenstraße', 'Am Süßbach', 'Hauptstraße'],
    companySuffixes: ['GmbH', 'AG', 'GmbH & Co. KG'],
    phonePrefix: '+49 30 23125 ',
    currency: 'EUR',
    salutations: ['Frau', 'Herr'],
  },
  {
    country: 'Spain',
    women: ['Begoña', 'Lucía', 'Inés', 'María José'],
    men: ['Íñigo', 'Jesús', 'Joaquín', 'Andrés'],
    lastNames: ['Núñez', 'García Márquez', 'Ibáñez', 'Peña', 'Güell'],
    cities: [
      city('A Coruña', 'Galicia', '15001', 43.37135, -8.396),
      city('Málaga', 'Andalucía', '29001', 36.72016, -4.42034),
    ],
    streets: ['calle de Alcalá', 'paseo del Prado'],
    companySuffixes: ['S.L.', 'S.A.'],
    phonePrefix: '+34 900 555 ',
    currency: 'EUR',
    salutations: ['Sra.', 'Sr.'],
  },
  {
    country: 'Poland',
    women: ['Małgorzata', 'Żaneta', 'Agnieszka', 'Łucja'],
    men: ['Łukasz', 'Paweł', 'Michał', 'Stanisław'],
    lastNames: ['Wójcik', 'Dąbrowski', 'Źrebiec', 'Święcicki', 'Łęcki'],
    cities: [
      city('Łódź', 'łódzkie', '90-001', 51.75, 19.46667),
      city('Kraków', 'małopolskie', '30-001', 50.06143, 19.93658),
    ],
    streets: ['ulica Długa', 'aleja Róż'],
    companySuffixes: ['Sp. z o.o.', 'S.A.'],
    phonePrefix: '+48 22 555 ',
    currency: 'EUR',
    salutations: ['Pani', 'Pan'],
  },
  {
    country: 'Türkiye',
    women: ['Ayşe', 'Işıl', 'Çiğdem', 'Gülşen'],
    men: ['Oğuz', 'İbrahim', 'Şahin', 'Uğur'],
    lastNames: ['Yılmaz', 'Öztürk', 'Çelik', 'Güneş'],
    cities: [
      city('İzmir', 'Ege', '35210', 38.41273, 27.13838),
      city('Eskişehir', 'İç Anadolu', '26010', 39.77667, 30.52056),
    ],
    streets: ['Atatürk Caddesi', 'Gül Sokağı'],
    companySuffixes: ['A.Ş.', 'Ltd. Şti.'],
    phonePrefix: '+90 232 555 ',
    currency: 'EUR',
    salutations: ['Bayan', 'Bay'],
  },
  {
    country: 'Japan',
    women: ['由美子', '桜', '陽子', '美咲'],
    men: ['健太', '大輔', '翔', '一郎'],
    lastNames: ['佐藤', '鈴木', '髙橋', '渡邉'],
    cities: [
      city('京都市', '京都府', '600-8001', 35.02107, 135.75385),
      city('札幌市', '北海道', '060-0001', 43.06667, 141.35),
    ],
    streets: ['中央通り', '桜通り'],
    companySuffixes: ['株式会社', '有限会社'],
    phonePrefix: '+81 75-555-',
    currency: 'JPY',
    salutations: ['様', '様'],
  },
  {
    country: 'Greece',
    women: ['Ελένη', 'Σοφία', 'Κατερίνα'],
    men: ['Γιώργος', 'Νίκος', 'Ανδρέας'],
    lastNames: ['Παπαδόπουλος', 'Γεωργίου', 'Νικολάου'],
    cities: [city('Θεσσαλονίκη', 'Κεντρική Μακεδονία', '546 21', 40.64361, 22.93086)],
    streets: ['Οδός Ερμού'],
    companySuffixes: ['Α.Ε.', 'Ε.Π.Ε.'],
    phonePrefix: '+30 2310 555 ',
    currency: 'EUR',
    salutations: ['Κα', 'Κος'],
  },
  {
    country: 'United Kingdom',
    women: ['Siân', 'Fiona', 'Zara', 'Eilidh'],
    men: ['Rhodri', 'Alistair', 'Owen', 'Seán'],
    lastNames: ['Llewellyn', 'Fforde-Jones', 'MacDonald', "O'Brien", 'Smyth'],
    cities: [
      city('Cardiff', 'Wales', 'CF10 1AA', 51.48, -3.18),
      city('London', 'Greater London', 'EC1A 1BB', 51.50853, -0.12574),
    ],
    streets: ['High Street', 'Station Road', 'Church Lane'],
    companySuffixes: ['Ltd', 'plc'],
    phonePrefix: '+44 20 7946 0',
    currency: 'GBP',
    salutations: ['Ms', 'Mr'],
  },
];

export const COMPANY_STEMS = [
  'Fourth Coffee',
  'Litware',
  'Adventure Works',
  'Fabrikam',
  'Blue Yonder',
  'City Power',
  'Contoso',
  'Alpine Ski House',
  'A. Datum',
  'Northwind',
  'Trey Research',
  'Wingtip',
  'Lamna',
  'Bellows',
  'Margie Travel',
  'Proseware',
  'Relecloud',
  'Humongous',
  'Graphic Design',
  'Woodgrove',
] as const;

export const COMPANY_TRADES = [
  'Bakery',
  'Logistics',
  'Textiles',
  'Energy',
  'Media',
  'Instruments',
  'Foods',
  'Travel',
  'Optics',
  'Healthcare',
  'Furniture',
  'Software',
] as const;

export const JOB_TITLES = [
  'Purchasing Manager',
  'Owner',
  'Marketing Director',
  'Chief Financial Officer',
  'Assistant',
  'Sales Representative',
  'IT Administrator',
  'Head of Operations',
] as const;

export const DEPARTMENTS = ['Purchasing', 'Marketing', 'Finance', 'Operations', 'IT', 'Sales'] as const;

export const NEEDS = [
  '3D printer',
  'coffee machines',
  'office chairs',
  'a support contract',
  'data loggers',
  'packaging',
  'solar panels',
  'training',
] as const;
