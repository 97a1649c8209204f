package officetest

import "officepay.example/shared/office"

// ReadPage reads the records of a page that a store has returned.
func ReadPage(answers []office.RecordJSON, total int, err error) ([]office.Personnel, int, error) {
	records, err := ReadAll(answers, err)
	return records, total, err
}

// ReadAfter reads the records that After of a store has returned.
func ReadAfter(answers []office.RecordJSON, _ office.Personnel, err error) ([]office.Personnel, error) {
	return ReadAll(answers, err)
}

// ReadAll reads the records that a store has returned.
func ReadAll(answers []office.RecordJSON, err error) ([]office.Personnel, error) {
	records := []office.Personnel{}
	for _, text := range answers {
		record, unread := text.Personnel()
		if unread != nil {
			return nil, unread
		}
		records = append(records, record)
	}
	return records, err
}

// ReadOne reads the record that a store has returned.
func ReadOne(text office.RecordJSON, err error) (office.Personnel, error) {
	if err != nil {
		return office.Personnel{}, err
	}
	return text.Personnel()
}
