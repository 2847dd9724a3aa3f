// SPDX-License-Identifier: Apache-2.0

package impure

import _ "golang.org/x/sys/unix"
