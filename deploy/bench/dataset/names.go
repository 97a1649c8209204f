package dataset

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// What names and places are made of. None has a q or an x, so that Few and
// Many are found where they were put and nowhere else.
var (
	firstNames = strings.Fields(`Aisha Abdullahi Abubakar Adaeze Ahmed Aliyu Amina Bala Bashir Blessing Chidi
		Chinedu Chioma Danjuma Daniel David Ebere Efe Emeka Emmanuel Esther Fatima Femi Garba Grace Halima Hamza Haruna
		Hassan Hauwa Ibrahim Idris Ifeanyi Isa Ismail Ishaya Jamila John Joseph Kabiru Kemi Khadija Kunle Lawal Mary
		Mohammed Musa Mustapha Nasiru Ngozi Nkechi Obinna Olu Peter Rabiu Sadiq Salisu Samuel Sani Sunday Tunde Umar
		Usman Yakubu Yusuf Zainab`)
	lastNames = strings.Fields(`Abiodun Abdulkadir Adamu Adebayo Adeyemi Adeleke Afolabi Agbaje Akande Akpan Aliyu
		Aminu Audu Babangida Balogun Bello Bako Buhari Chukwu Danladi Dauda Dogara Ebong Edet Effiong Eze Gambo Garba
		Gwandu Ibe Idowu Igwe Inuwa Jibril Kalu Lawan Mamman Mbah Mohammed Musa Nnamdi Nwankwo Nwosu Obi Ogbonna Ojo
		Okafor Okeke Okoro Okonkwo Oladele Olaniyan Onyeka Osagie Oyelaran Sule Suleiman Tanko Udo Ugwu Umaru Usman
		Wada Yahaya Yusuf`)
	syllables  = strings.Fields(`ba bo chi da de fe ga gi ha ife ja ka ke ku la lo ma mi na ne nku o pe ra ru sa se ta ti u wa ye`)
	ranks      = strings.Fields(`Pte Pte Pte LCpl LCpl Cpl Cpl Sgt SSgt WO MWO Lt Capt Maj`)
	banks      = []string{"POLARIS BANK LIMITED", "FIRST BANK OF NIGERIA", "ACCESS BANK", "ZENITH BANK", "UNITY BANK", "UNION BANK"}
	subSectors = strings.Fields(`HQ 1A 1B 1C 2A 2B 3A 3B`)
	locations  = []string{"Maiduguri", "Damaturu", "Monguno", "Baga", "Yola", ""}
	remarks    = []string{"", "", "", "", "on course until March", "account changed on request", "paid at the sub-sector"}
)

// lastName is usually one that many people have.
func lastName(rng *rand.Rand) string {
	if rng.IntN(8) > 0 {
		return pick(rng, lastNames)
	}
	var name strings.Builder
	for range 3 + rng.IntN(2) {
		name.WriteString(pick(rng, syllables))
	}
	return strings.ToUpper(name.String()[:1]) + name.String()[1:]
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// digits are count random digits.
func digits(rng *rand.Rand, count int) string {
	limit := int64(1)
	for range count {
		limit *= 10
	}
	return fmt.Sprintf("%0*d", count, rng.Int64N(limit))
}
