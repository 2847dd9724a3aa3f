// SPDX-License-Identifier: Apache-2.0

// Package jsonform has the forms that errors, durations, octets and names take in JSON,
// each both ways: types to put in the place of a field that encoding/json writes
// otherwise. A type that has such fields has one method that returns it with these in
// their place, for MarshalJSON and UnmarshalJSON:
//
//	func (t *Thing) form() any {
//		type plain Thing // without the methods
//		return &struct {
//			*plain
//			Late *jsonform.Seconds `json:"late-sec"`
//			Err  jsonform.Error    `json:"error,omitzero"`
//		}{(*plain)(t), (*jsonform.Seconds)(&t.Late), jsonform.ErrorOf(&t.Err)}
//	}
//
// A field of the same name in JSON takes the place of that of the struct inside.
package jsonform
