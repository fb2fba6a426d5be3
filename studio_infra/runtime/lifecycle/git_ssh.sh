#!/bin/bash
# Git over SSH for the owner of a space. studio/git/git_ssh.py puts the values between the first line and this body, and
# leaves out comment lines and tabs: they would cost a tenth of SageMaker's 16,384 characters.
#
# A person's own ~/.ssh/config and ~/.gitconfig get one first line each; everything else here is ours and replaced
# whole. What needs the network runs detached and reports in ~/.studio-infra/git-ssh.log. Whatever fails, Studio starts.
#
# shellcheck disable=SC2329 # many functions are called by `put`, or by the detached copy of them all
set -u
umask 077
failed=0 log=/dev/null pub='' own=''

# say LEVEL TEXT: on stderr, because what functions print is their result.
say() { TZ=UTC printf '%(%FT%TZ)T git-ssh %s %s\n' -1 "$1" "${2//[^[:print:]]/ }" | tee -a "$log" >&2 2>/dev/null; }
# warn TEXT [OUTPUT]: the last line of OUTPUT is the cause.
warn() {
	failed=1
	say WARN "$1${2:+: ${2##*$'\n'}}"
	return 1
}
finish() {
	say INFO "$1 failed=$failed seconds=$SECONDS"
	exit $((failed && STRICT))
}

# -- files -----------------------------------------------------------------------------------------------

at_home() { [[ $(readlink -f "$1") == @("$home"|"$efs")/* ]] || warn "$1 leads out of the home: left alone"; }
# put FILE COMMAND...: what COMMAND prints, whole or not at all; an equal file is not touched.
put() {
	local new why
	why=$({
		new=$(mktemp "$1.studio~XXXXXX") && trap 'rm -f "$new"' EXIT &&
			"${@:2}" >"$new" && { cmp -s "$new" "$1" || mv -fT "$new" "$1"; }
	} 2>&1) || warn "$1 cannot be written" "$why"
}
# lead FILE LINE: LINE comes first, the rest stays as it was.
lead() {
	local first=''
	at_home "$1" || return
	IFS= read -r first 2>/dev/null <"$1"
	[[ $first == "$2" ]] || put "$(readlink -f "$1")" led "$@"
}
led() { echo "$2" && { [[ ! -e $1 ]] || grep -avxF "$2" "$1" || (($? == 1)); }; }

# -- the key ---------------------------------------------------------------------------------------------

# make_key FILE: of simultaneous starts the first hard link wins; a key that this space already has is taken over.
make_key() {
	local new
	[[ ! -s $1 ]] || return 0
	mkdir -p "${1%/*}" && new=$(mktemp -d "$1.studio~XXXXXX") || return
	{ cp "$key" "$new/key" 2>/dev/null || ssh-keygen -qt ed25519 -N '' -C "${user:-$space}@studio" -f "$new/key"; } &&
		ssh-keygen -yP '' -f "$new/key" && ln "$new/key" "$1"
	rm -rf "$new"
	[[ -s $1 ]]
} >/dev/null </dev/null
# The person's key on their EFS home; without one, a key of this space alone.
find_key() {
	local from=$efs/.studio-infra/ssh/id_ed25519 why='not mounted'
	if [[ $STORE == space || ! -d $efs ]] || ! why=$(make_key "$from" 2>&1); then
		[[ -z $space || $STORE == space ]] || warn 'no EFS home, so this space has its own key' "$why"
		from=$key own=${space:+/$space}
		why=$(make_key "$key" 2>&1) || warn 'no key could be made' "$why" || return
	fi
	use_key "$from" "$from"
}
# use_key SOURCE NAME: becomes this space's key if it proves to be one; a different one stays beside it.
use_key() {
	local new=$key.studio~$BASHPID
	if pub=$({ tr -d '\r' <"$1" >"$new" && ssh-keygen -yP '' -f "$new"; } 2>&1 </dev/null); then
		[[ ! -s $key ]] || cmp -s "$new" "$key" || ln "$key" "$key.$(date +%s)"
		put "$key" cat "$new" && put "$key.pub" echo "$pub" && say INFO "public key: $pub"
		chmod 600 "$1" "$key" 2>/dev/null
	else
		warn "the key in $2 cannot be used" "${pub##*: }" || pub=''
	fi
	rm -f "$new"
	[[ $pub ]]
}

# -- ssh and git -----------------------------------------------------------------------------------------

# Whoever registered a key of their own before is not locked out by ours.
ssh_config() {
	local file
	echo "$SSH" || return
	for file in .ssh/id_{ed25519,ecdsa,rsa}; do [[ ! -f $file ]] || echo " IdentityFile ~/$file" || return; done
}
# Commits are signed only with a key, and only for people who have not set up signing themselves.
git_config() {
	echo "$GIT" || return
	[[ -z $pub ]] || grep -qiE 'gpgsign|signingkey' .gitconfig || echo "$SIGNING"
}
signers() { echo "$(git config user.email | grep -xE '[^ *?!,"]+' || echo '*') $pub"; }
use_git() {
	put "$ours/gitconfig" git_config && lead .gitconfig '[include] path = ~/.studio-infra/gitconfig'
	[[ -z $pub ]] || put "$ours/allowed_signers" signers
}

# -- what needs the network ------------------------------------------------------------------------------

# An AWS call that cannot hang.
call() {
	local why
	{ why=$(timeout 9 aws "$@" --output text 2>&1 >&4 </dev/null); } 4>&1 || warn "aws $1 $2" "${why:-no answer in 9 s}"
}
secret() {
	local name=${me#/}/ssh-private-key text
	text=$(call secretsmanager get-secret-value --secret-id "$name" --query SecretString) &&
		use_key <(echo "$text") "$name" && use_git
}
# Who the person is to git, and whether their public key is known.
person() {
	local known
	known=$(call ssm get-parameters --names "$me/git-identity" "$me/ssh-public-key$own" \
		--query 'Parameters[].[Name,Value]') || return
	[[ $known =~ git-identity$'\t'([^$'\n']*) ]] && put "$ours/identity" python3 -c 'import json, sys
for key in "name", "email":
    value = json.loads(sys.argv[1])[key]
    assert value.isprintable(), key
    print("[user]", key, "=", json.dumps(value, ensure_ascii=False))' "${BASH_REMATCH[1]}" &&
		use_git
	[[ $PUBLISH == 0 || -z $pub || $known == *"$pub"* ]] || { call ssm put-parameter --type String --overwrite \
		--name "$me/ssh-public-key$own" --value "$pub" >/dev/null && say INFO 'public key published'; }
}
# probe HOST PAGE: https:// goes over SSH only where SSH is known to work.
probe() {
	local answer
	answer=$(timeout 12 ssh -T -oBatchMode=yes "$1" 2>&1 </dev/null)
	case $?:$answer in
		255:*'Permission denied'*)
			rm -f "$ours/rewrite-$1"
			say TODO "$1: this key is not registered there yet: add it at https://$2"
			;;
		124:* | 255:*) warn "$1" "${answer:-no answer in 12 s}" ;;
		*)
			put "$ours/rewrite-$1" printf '[url "%s:"] insteadOf=https://%s/\n' "$1" "$1"
			say INFO "$1: authenticated"
			;;
	esac
}
# clone FOLDER URL
clone() {
	local new=$ours/$1.studio~$BASHPID why
	[[ ! -e $1 ]] || return 0
	why=$(timeout 3000 git clone -q "$2" "$new" 2>&1 </dev/null && mv -nT "$new" "$1") || warn "$2: not cloned" "$why" &&
		say INFO "$2: cloned"
}
online() {
	local a b
	if [[ $PEOPLE ]] && { [[ $user ]] || user=$(call sagemaker describe-space --domain-id "$domain" \
		--space-name "$space" --query OwnershipSettings.OwnerUserProfileName); }; then
		me=$PEOPLE/$user
		[[ $STORE != secret ]] || secret
		person &
	fi
	while read -r a b; do [[ -z $a ]] || probe "$a" "$b" & done <<<"$HOSTS"
	for a in $(jobs -p); do wait "$a" || failed=1; done
	while read -r a b; do [[ -z $a ]] || clone "$a" "$b"; done <<<"$CLONES"
	finish finished
}

# -- now -------------------------------------------------------------------------------------------------

set_up() {
	local tool why
	[[ $kind != shared && (-z $space || $kind$user || -d $efs) ]] || {
		say INFO 'shared space: nothing personal is put here'
		return
	}
	for tool in git ssh ssh-keygen setsid; do command -v $tool >/dev/null || warn "$tool is not in this image" || return; done
	at_home .ssh || return
	why=$({ mkdir -p .ssh "$ours" && chmod go-w .ssh && echo >>"$ours/git-ssh.log"; } 2>&1) ||
		warn 'nothing can be set up' "$why" || return
	log=$ours/git-ssh.log
	(($(wc -l <"$log") < 500)) || put "$log" tail -n 250 "$log"
	# What a killed start left behind.
	find .ssh "$ours" "$efs/.studio-infra/ssh" -maxdepth 1 -name '*.studio~*' -mmin +60 -exec rm -rf {} + 2>/dev/null
	if [[ $STORE != secret ]]; then find_key; elif [[ -s $key ]]; then use_key "$key" "$key"; fi
	put .ssh/studio_known_hosts echo "$KEYS" && put .ssh/studio_config ssh_config &&
		lead .ssh/config 'Include studio_config' && chmod go-w .ssh/config
	use_git
	[[ -w $app ]] || app=/dev/null
	setsid bash -c "$(declare -p PEOPLE HOSTS GIT SIGNING STORE PUBLISH CLONES STRICT \
		home ours efs key own pub log failed user space domain && declare -f); online" </dev/null >>$app 2>&1 &
}
# field NAME: from Studio's description of this app.
field() {
	sed -n "s/.*\"$1\" *: *\"\([A-Za-z0-9-]*\)\".*/\1/p" "${RESOURCE_METADATA_FILE:-/opt/ml/metadata/resource-metadata.json}"
} 2>/dev/null
user=$(field UserProfileName) space=$(field SpaceName) domain=$(field DomainId) kind=${SAGEMAKER_SPACE_TYPE_LOWERCASE:-}
# ssh takes the home from the system's list of people, whatever HOME says.
IFS=: read -r _ _ _ _ _ home _ < <(getent passwd $EUID 2>/dev/null)
home=$(readlink -f "${home:-${HOME:-/}}")
export HOME=$home
cd "$home" || exit "$STRICT"
efs=$(timeout -s KILL 5 readlink -e user-default-efs/.) || efs=$home/-
ours=.studio-infra key=.ssh/studio_key app=/var/log/apps/app_container.log
set_up
finish started
