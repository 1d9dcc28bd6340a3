package workshop

import "strings"

// A Criterion is a row of the criteria table: which users a team looks for, and the action that it publishes for them.
type Criterion struct {
	Row    int // 1 to 15
	Type   string
	Reason string
	Filter string // the criterion as an expression for the client's --filter
	Text   string // the criterion in words
	match  func(*User) bool
}

// Match reports whether the user meets the criterion.
func (c Criterion) Match(u *User) bool { return c.match(u) }

// CriterionOf returns a team's criterion. The table repeats for teams above 15.
func CriterionOf(team int) Criterion { return criteria[(team-1)%len(criteria)] }

// Criteria returns the table.
func Criteria() []Criterion { return append([]Criterion(nil), criteria...) }

// has reports whether the text contains any of the words, ignoring case.
func has(text string, words ...string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

func starts(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// oneOf returns a filter expression that matches any of the words in a field.
func oneOf(field string, words ...string) string {
	return `any(["` + strings.Join(lower(words), `", "`) + `"], lower(` + field + `) contains #)`
}

func lower(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ToLower(w)
	}
	return out
}

var (
	financial = []string{"Bank", "Financ", "Insur", "Invest", "Account", "Capital"}
	technical = []string{"Computer", "Internet", "Semiconductor", "Telecom", "Wireless"}
	health    = []string{"Health", "Hospital", "Medical", "Pharma", "Biotech", "Veterinary"}
	oldAgents = []string{"MSIE", "Trident"}
)

var criteria = []Criterion{
	{1, "CONTACT_CUSTOMER", "LEGACY_EMAIL_PROVIDER", `lower(email) contains "hotmail"`,
		"the email contains hotmail", func(u *User) bool { return has(u.Email, "hotmail") }},
	{2, "CREDIT_CARD_VERIFICATION", "AMEX_CARD", `credit_card_number startsWith "37"`,
		"the credit card number starts with 37", func(u *User) bool { return starts(u.CreditCardNumber, "37") }},
	{3, "SALES_LEAD", "FINANCIAL_SECTOR", oneOf("industry", financial...),
		"the industry contains one of " + strings.Join(financial, ", "), func(u *User) bool { return has(u.Industry, financial...) }},
	{4, "ACQUISITION_TARGET", "TECH_COMPANY", oneOf("industry", technical...),
		"the industry contains one of " + strings.Join(technical, ", "), func(u *User) bool { return has(u.Industry, technical...) }},
	{5, "CONTACT_CUSTOMER", "HEALTHCARE_COMPLIANCE", oneOf("industry", health...),
		"the industry contains one of " + strings.Join(health, ", "), func(u *User) bool { return has(u.Industry, health...) }},
	{6, "HIRE_CUSTOMER", "IS_ENGINEER", `lower(profession) contains "engineer"`,
		"the profession contains engineer", func(u *User) bool { return has(u.Profession, "engineer") }},
	{7, "CONTACT_CUSTOMER", "VIP_USER", `premium and credit > 10`,
		"premium, with credit above 10", func(u *User) bool { return u.Premium && u.Credit > 10 }},
	{8, "CONTACT_CUSTOMER", "CRITICAL_DEBT", `credit < -15`,
		"credit below -15", func(u *User) bool { return u.Credit < -15 }},
	{9, "CONTACT_CUSTOMER", "APAC_EXPANSION", `lower(time_zone) startsWith "asia/"`,
		"the time zone starts with Asia/", func(u *User) bool { return starts(u.TimeZone, "Asia/") }},
	{10, "CONTACT_CUSTOMER", "LEGACY_BROWSER", oneOf("user_agent", oldAgents...),
		"the user agent contains MSIE or Trident", func(u *User) bool { return has(u.UserAgent, oldAgents...) }},
	{11, "TRIGGER_GDPR_COMPLIANCE", "IN_EUROPE", `lower(time_zone) startsWith "europe/"`,
		"the time zone starts with Europe/", func(u *User) bool { return starts(u.TimeZone, "Europe/") }},
	{12, "HIRE_CUSTOMER", "TECH_PROFESSIONAL", `lower(field) in ["it", "technology"]`,
		"the field is IT or Technology", func(u *User) bool {
			return strings.EqualFold(u.Field, "IT") || strings.EqualFold(u.Field, "Technology")
		}},
	{13, "CONTACT_CUSTOMER", "INVALID_AVATAR", `lower(avatar) contains "example.org" or not (lower(avatar) startsWith "https://")`,
		"the avatar contains example.org or is not https://", func(u *User) bool {
			return has(u.Avatar, "example.org") || !starts(u.Avatar, "https://")
		}},
	{14, "BAN_CUSTOMER", "SUSPICIOUS_NAME", `lower(name) == "john doe"`,
		"the name is John Doe", func(u *User) bool { return strings.EqualFold(u.Name, "John Doe") }},
	{15, "CONTACT_CUSTOMER", "UPGRADE_FREE", `lower(pack) == "free"`,
		"the pack is free", func(u *User) bool { return strings.EqualFold(u.Pack, "free") }},
}
