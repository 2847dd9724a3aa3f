// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// authenticate adds how an instance authenticates. Keys that stand in files are read.
func (p *Plan) authenticate(in keepalived.Instance, c *vrrp.VirtualRouterConfig) (err error) {
	if in.Auth.Type != keepalived.AuthNone {
		c.AuthType = vrrp.AuthType(in.Auth.Type)
		c.AuthData, err = vrrp.Password(in.Auth.Pass.Reveal())
		return err
	}
	if in.HMAC == nil {
		return nil
	}
	h := &vrrp.HMACConfig{ActiveKey: in.HMAC.Active, Monotonic: in.HMAC.Monotonic, Window: in.HMAC.Window}
	switch in.HMAC.Mode {
	case keepalived.HMACPermissive:
		h.Mode = vrrp.HMACPermissive
	case keepalived.HMACReceiveOnly:
		h.Mode = vrrp.HMACReceiveOnly
	}
	for _, k := range in.HMAC.Keys {
		secret, err := p.secret(in, k)
		if err != nil {
			return fmt.Errorf("auth_hmac key %d: %w", k.ID, err)
		}
		h.Keys = append(h.Keys, vrrp.Key{ID: k.ID, Secret: secret})
	}
	c.HMAC = h
	return nil
}

// secret returns what a key signs with.
func (p *Plan) secret(in keepalived.Instance, k keepalived.HMACKey) (vrrp.Secret, error) {
	if k.File == "" {
		return vrrp.ParseSecret(k.Text.Reveal())
	}
	folder, name := filepath.Split(k.File)
	if !filepath.IsAbs(k.File) || name == "" {
		return vrrp.Secret{}, fmt.Errorf("file %q: the path of a key must begin at the root", k.File)
	}
	fsys := os.DirFS(folder)
	if err := vrrp.CheckSecretFile(fsys, name); errors.Is(err, vrrp.ErrSecretExposed) {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%s:%d: vrrp_instance %s: auth_hmac key %d: %v", in.File, in.Line, in.Name, k.ID, err))
	}
	return vrrp.ReadSecret(fsys, name)
}
