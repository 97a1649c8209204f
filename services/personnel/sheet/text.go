package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxText is how many bytes of UTF-8 are read. In another encoding, a file of that size
// may be twice as long.
const maxText = 24 << 20

// textOf is the text of a file: UTF-8 with or without a byte order mark, UTF-16 with
// one, and else Windows-1252, in which Excel saves CSV.
func textOf(file []byte) (text string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")), bytes.HasPrefix(file, []byte("\xD0\xCF\x11\xE0")):
		return "", errors.New("is a workbook: save it as CSV UTF-8, and send that")
	case bytes.HasPrefix(file, []byte("\xFF\xFE")):
		text, err = fromUTF16(file[2:], binary.LittleEndian)
	case bytes.HasPrefix(file, []byte("\xFE\xFF")):
		text, err = fromUTF16(file[2:], binary.BigEndian)
	case utf8.Valid(file):
		text = strings.TrimPrefix(string(file), "\uFEFF")
	case bytes.HasPrefix(file, []byte("\uFEFF")):
		return "", errors.New("is not the UTF-8 that its mark says it is: save it again as CSV UTF-8")
	default:
		text = fromWindows1252(file)
	}
	switch {
	case strings.Contains(text, "\x00"):
		return "", errors.New("is not text, or UTF-16 without its mark: save it as CSV UTF-8, and send that")
	case len(text) > maxText:
		return "", errors.New("holds too much text: send it in parts")
	}
	return convertLineBreaks(text), err
}

func fromUTF16(file []byte, order binary.ByteOrder) (string, error) {
	if len(file)%2 != 0 {
		return "", errors.New("ends in the middle of a UTF-16 character: save it again as CSV UTF-8")
	}
	var text strings.Builder
	text.Grow(len(file))
	for ; len(file) > 0 && text.Len() <= maxText; file = file[2:] {
		r := rune(order.Uint16(file))
		if utf16.IsSurrogate(r) && len(file) > 2 {
			if r = utf16.DecodeRune(r, rune(order.Uint16(file[2:]))); r != utf8.RuneError {
				file = file[2:]
			}
		}
		text.WriteRune(r)
	}
	return text.String(), nil
}

// windows1252 are the characters of the bytes 0x80 to 0x9F; every other byte is the
// character with its number. Unassigned bytes stay control characters (WHATWG, Encoding,
// index windows-1252).
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ")

func fromWindows1252(file []byte) string {
	var text strings.Builder
	text.Grow(len(file))
	for _, b := range file {
		r := rune(b)
		if 0x80 <= b && b <= 0x9F {
			r = windows1252[b-0x80]
		}
		if text.WriteRune(r); text.Len() > maxText {
			break
		}
	}
	return text.String()
}

// convertLineBreaks converts those of old Macs, which encoding/csv does not know.
func convertLineBreaks(text string) string {
	if strings.Count(text, "\r") == strings.Count(text, "\r\n") {
		return text
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}
