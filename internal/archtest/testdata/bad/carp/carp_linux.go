// SPDX-License-Identifier: Apache-2.0

package carp

import _ "example.com/bad/internal/impure"
