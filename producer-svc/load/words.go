package load

// The words that users are made of. All are ASCII without quotes or backslashes, so that JSON needs no
// escaping. Only the words that are meant to meet a team's criterion do: a test counts them.
var (
	firstNames = []string{
		"Anna", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Karin", "Liam",
		"Mei", "Noah", "Olga", "Pavel", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wei", "Ximena",
		"Yusuf", "Zoe", "Amara", "Bruno", "Chloe", "Diego", "Emma", "Felix",
	}
	lastNames = []string{
		"Adams", "Becker", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jensen",
		"Keller", "Lopez", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Schmidt", "Tanaka",
		"Ueda", "Vogel", "Weber", "Xu", "Yilmaz", "Zhang", "Almeida", "Bauer", "Cohen", "Demir", "Evans", "Ferrari",
	}
	providers = []string{ // hotmail: 1 in 5
		"@gmail.com", "@gmail.com", "@gmail.com", "@yahoo.com", "@yahoo.com", "@hotmail.com", "@hotmail.com",
		"@outlook.com", "@icloud.com", "@proton.me",
	}
	cardPrefixes = []string{ // 37: 1 in 8
		"4539", "4916", "5105", "5412", "37", "4024", "6011", "3530",
	}
	companyFirst = []string{
		"Northwind", "Blue River", "Silver Oak", "Red Kite", "Bright", "Summit", "Harbor", "Evergreen",
		"Granite", "Lumen", "Orchard", "Pioneer", "Quarry", "Sunrise", "Twin Pines", "Vantage",
	}
	companyLast   = []string{" Group", " and Sons", " Ltd", " Inc", " Partners", " Works", " Company", " Collective"}
	sloganVerbs   = []string{"Reinvent ", "Simplify ", "Empower ", "Deliver ", "Unlock ", "Streamline ", "Grow ", "Transform "}
	sloganThings  = []string{"everyday ", "seamless ", "robust ", "global ", "next-generation ", "sustainable ", "real-time ", "open "}
	sloganNouns   = []string{"networks", "experiences", "markets", "supply chains", "communities", "ideas", "platforms", "journeys"}
	plainIndustry = []string{
		"Agriculture", "Airlines", "Architecture", "Automotive", "Building Materials", "Chemicals", "Construction",
		"Consumer Goods", "Design", "Education", "Entertainment", "Events Services", "Farming", "Food Production",
		"Furniture", "Glass and Ceramics", "Hospitality", "Legal Services", "Logistics", "Maritime", "Mining",
		"Music", "Packaging", "Publishing", "Real Estate", "Restaurants", "Retail", "Sporting Goods", "Textiles",
		"Tourism", "Utilities", "Wine and Spirits",
	}
	financeIndustry = []string{
		"Banking", "Financial Services", "Insurance", "Investment Management", "Accounting", "Capital Markets",
	}
	techIndustry = []string{
		"Computer Software", "Computer Networking", "Internet", "Semiconductors", "Telecommunications", "Wireless",
	}
	healthIndustry = []string{
		"Health and Fitness", "Hospital and Care", "Medical Devices", "Pharmaceuticals", "Biotechnology", "Veterinary",
	}
	professions = []string{ // engineers: 3 in 16
		"accountant", "architect", "biologist", "chef", "civil engineer", "data analyst", "designer",
		"electrician", "journalist", "lawyer", "nurse", "pilot", "software engineer", "teacher",
		"test engineer", "translator",
	}
	fields = []string{ // IT or Technology: 2 in 12
		"Arts", "Business", "Education", "Health", "IT", "Law", "Marketing", "Media", "Science", "Sports",
		"Technology", "Trades",
	}
	timeZones = []string{ // of 32, 9 in Asia, 10 in Europe
		"Asia/Tokyo", "Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Dubai", "Asia/Seoul",
		"Asia/Bangkok", "Asia/Jakarta", "Asia/Karachi",
		"Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/London", "Europe/Warsaw",
		"Europe/Zurich", "Europe/Stockholm", "Europe/Athens", "Europe/Kyiv",
		"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo",
		"America/Mexico_City", "America/Toronto", "Africa/Lagos", "Africa/Cairo", "Africa/Nairobi",
		"Australia/Sydney", "Pacific/Auckland", "Atlantic/Reykjavik",
	}
	userAgents = []string{ // the first 2 of 10 are Internet Explorer
		"Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
		"Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Firefox/127.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Version/17.5 Mobile/15E148",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Firefox/127.0",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64) Chrome/125.0 Safari/537.36",
		"Opera/9.80 (Windows NT 6.1) Presto/2.12 Version/12.16",
	}
)
