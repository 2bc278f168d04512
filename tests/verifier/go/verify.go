// Verifies tokens with go-oidc, by the issuer and the algorithm of the arguments: one token a line, one answer a line.
// The issuer's keys and addresses are found by discovery.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	oidc "github.com/coreos/go-oidc"
)

func main() {
	issuer, algorithm := os.Args[1], os.Args[2]
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		panic(err)
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: "fieldguard", SupportedSigningAlgs: []string{algorithm}})
	answers := json.NewEncoder(os.Stdout)
	tokens := bufio.NewScanner(os.Stdin)
	for tokens.Scan() {
		claims := map[string]any{}
		token, err := verifier.Verify(ctx, tokens.Text())
		if err == nil {
			err = token.Claims(&claims)
		}
		if err != nil {
			claims = map[string]any{"error": err.Error()}
		}
		if err := answers.Encode(claims); err != nil {
			panic(err)
		}
	}
}
