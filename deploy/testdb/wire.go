package main

import (
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

const (
	headerSize     = 16
	checksumSize   = 4
	maxMessageSize = 48_000_000 // as the server's hello says
)

var errMalformed = errors.New("malformed message")

// message is one message of the wire protocol, header included.
type message []byte

func readMessage(r io.Reader) (message, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	size, _, _, _, _, ok := wiremessage.ReadHeader(header[:])
	if !ok || size < headerSize || size > maxMessageSize {
		return nil, fmt.Errorf("%w of %d bytes", errMalformed, size)
	}
	m := make(message, size)
	copy(m, header[:])
	_, err := io.ReadFull(r, m[headerSize:])
	return m, err
}

// newMessage wraps doc in an OP_MSG.
func newMessage(responseTo int32, doc bson.Raw) message {
	start, m := wiremessage.AppendHeaderStart(nil, wiremessage.NextRequestID(), responseTo, wiremessage.OpMsg)
	m = wiremessage.AppendMsgFlags(m, 0)
	m = wiremessage.AppendMsgSectionType(m, wiremessage.SingleDocument)
	m = append(m, doc...)
	return bsoncore.UpdateLength(m, start, int32(len(m)))
}

// content is what an OP_MSG holds; other messages have only an id.
type content struct {
	id         int32
	body       bson.Raw // with the lists that are sent along with it
	unanswered bool     // the sender does not wait for a reply
}

func (m message) content() (content, error) {
	_, id, _, opcode, rest, ok := wiremessage.ReadHeader(m)
	c := content{id: id}
	if !ok || opcode != wiremessage.OpMsg {
		return c, nil
	}
	flags, rest, ok := wiremessage.ReadMsgFlags(rest)
	if ok && flags&wiremessage.ChecksumPresent != 0 && len(rest) >= checksumSize {
		rest = rest[:len(rest)-checksumSize]
	}
	c.unanswered = flags&wiremessage.MoreToCome != 0
	var lists [][]byte
	for ok && len(rest) > 0 {
		var list []byte
		list, rest, ok = c.addSection(rest)
		lists = append(lists, list)
	}
	if !ok || c.body.Validate() != nil {
		return c, errMalformed
	}
	c.body = bsoncore.BuildDocument(nil, append(c.without(""), lists...)...)
	return c, nil
}

// addSection takes in the section that src begins with, and returns the field
// that is in it, if any, and the rest.
func (c *content) addSection(src []byte) (list, rest []byte, ok bool) {
	kind, src, ok := wiremessage.ReadMsgSectionType(src)
	switch {
	case ok && kind == wiremessage.SingleDocument:
		var doc bsoncore.Document
		doc, rest, ok = wiremessage.ReadMsgSectionSingleDocument(src)
		c.body = bson.Raw(doc)
	case ok && kind == wiremessage.DocumentSequence:
		var name string
		var docs []bsoncore.Document
		name, docs, rest, ok = wiremessage.ReadMsgSectionDocumentSequence(src)
		list = listOf(name, docs...)
	default:
		return nil, nil, false
	}
	return list, rest, ok
}

// listOf is a field with a list of documents.
func listOf(key string, docs ...bsoncore.Document) []byte {
	list := bsoncore.NewArrayBuilder()
	for _, doc := range docs {
		list.AppendDocument(doc)
	}
	return bsoncore.AppendArrayElement(nil, key, list.Build())
}

// command is the name of the command, empty if there is none.
func (c content) command() string {
	first, err := c.body.IndexErr(0)
	if err != nil {
		return ""
	}
	return first.Key()
}

// text is the string in the field called key, empty if there is none.
func (c content) text(key string) string {
	s, _ := c.body.Lookup(key).StringValueOK()
	return s
}

// without returns the fields of the body except key.
func (c content) without(key string) [][]byte {
	var fields [][]byte
	elements, _ := c.body.Elements()
	for _, e := range elements {
		if e.Key() != key {
			fields = append(fields, e)
		}
	}
	return fields
}

// only is the command with only one document in the list called key.
func (c content) only(key string, doc bson.Raw) bson.Raw {
	return bsoncore.BuildDocument(nil, append(c.without(key), listOf(key, bsoncore.Document(doc)))...)
}

// list returns the documents in the list called key, none if there is no such
// list.
func (c content) list(key string) []bson.Raw { return documentsIn(c.body, key) }

func documentsIn(body bson.Raw, key string) []bson.Raw {
	array, _ := body.Lookup(key).ArrayOK()
	values, _ := array.Values()
	docs := make([]bson.Raw, len(values))
	for i, v := range values {
		doc, ok := v.DocumentOK()
		if !ok {
			return nil
		}
		docs[i] = doc
	}
	return docs
}
