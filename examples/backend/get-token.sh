#!/bin/sh
# Asks the token service for a user's token, signed with the AWS credentials of your backend.
# API_URL is the stack's output ApiUrl; AWS_REGION is the region of the stack.
set -eu

curl --silent --show-error --fail-with-body --max-time 10 "$API_URL/v1/tokens" \
  --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
  --header "x-amz-security-token: ${AWS_SESSION_TOKEN:-}" \
  --header "Content-Type: application/json" --data "{\"user_id\": \"$1\", \"room_id\": \"$2\"}"
