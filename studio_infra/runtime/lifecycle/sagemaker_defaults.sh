#!/bin/bash
# The SageMaker SDK's defaults of the person's team, so that a job started from a notebook needs no configuration.
# Expects: PEOPLE and TEAMS, the paths below which the parameters of people and teams stand.
#
# The file goes where the SDK looks for an administrator's: what people write into their own file wins. Without the
# right to write there it becomes their own file, unless they have one. What was delivered last is there at once; a
# detached copy of this script asks for news. Whatever fails, Studio starts.
#
# shellcheck disable=SC2329 # many functions are called by the detached copy of them all
set -u

# say LEVEL TEXT
say() { TZ=UTC printf '%(%FT%TZ)T sagemaker-defaults %s %s\n' -1 "$1" "${2//[^[:print:]]/ }" >&2; }
# An AWS call that cannot hang.
call() {
	local why
	{ why=$(timeout 9 aws "$@" --output text 2>&1 >&4 </dev/null); } 4>&1 || {
		say WARN "aws $1 $2: ${why##*$'\n'}"
		return 1
	}
}
# field NAME: from Studio's description of this app.
field() {
	sed -n "s/.*\"$1\" *: *\"\([A-Za-z0-9-]*\)\".*/\1/p" "${RESOURCE_METADATA_FILE:-/opt/ml/metadata/resource-metadata.json}"
} 2>/dev/null
# as_root COMMAND...: as oneself where that is enough.
as_root() { "$@" 2>/dev/null || sudo -n "$@" 2>/dev/null; }
# place FOLDER [as_root]: the whole file or none.
place() {
	${2:-} install -D -m 644 "$kept" "$1/config.yaml.new" && ${2:-} mv -fT "$1/config.yaml.new" "$1/config.yaml"
}
is_ours() { IFS= read -r line <"$1" && [[ $line == "$mark"* ]]; } 2>/dev/null
# deliver: what was kept last becomes the SDK's.
deliver() {
	[[ -s $kept ]] || return 0
	local own=$HOME/.config/sagemaker
	if place "$system/sagemaker" as_root; then
		! is_ours "$own/config.yaml" || rm -f "$own/config.yaml"
	elif [[ -e $own/config.yaml ]] && ! is_ours "$own/config.yaml"; then
		say INFO "$own/config.yaml is the person's own: left alone"
	else
		place "$own" 2>/dev/null || say WARN "$own/config.yaml cannot be written"
	fi
}
# learn: the team's defaults of today.
learn() {
	local team text
	[[ $user ]] || user=$(call sagemaker describe-space --domain-id "$domain" --space-name "$space" \
		--query OwnershipSettings.OwnerUserProfileName) || return
	team=$(call ssm get-parameter --name "$PEOPLE/$user/git-identity" --query Parameter.Value) || return
	[[ $team =~ \"team\":\ *\"([a-z0-9-]+)\" ]] || {
		say WARN "the team of $user is not known"
		return
	}
	team=${BASH_REMATCH[1]}
	text=$(call ssm get-parameter --name "$TEAMS/$team/sagemaker-defaults" --query Parameter.Value) || return
	python3 -c 'import json, sys; json.loads(sys.argv[1])["SageMaker"]' "$text" 2>/dev/null || {
		say WARN "the defaults of team $team cannot be read"
		return
	}
	printf '%s of team %s. It is replaced when an app starts; your own is ~/.config/sagemaker/config.yaml\n%s\n' \
		"$mark" "$team" "$text" >"$kept.new" && mv -fT "$kept.new" "$kept" && deliver && say INFO "team $team"
}

[[ ${HOME:-} ]] || exit 0
mark="# The SageMaker SDK's defaults"
kept=$HOME/.studio-infra/sagemaker-defaults.yaml
system=${XDG_CONFIG_DIRS:-/etc/xdg} system=${system%%:*}
user=$(field UserProfileName) space=$(field SpaceName) domain=$(field DomainId)
if [[ ${SAGEMAKER_SPACE_TYPE_LOWERCASE:-} == shared ]]; then
	say INFO 'shared space: there is nobody whose team it could ask for'
elif mkdir -p "${kept%/*}" 2>/dev/null; then
	deliver
	log=/var/log/apps/app_container.log
	[[ -w $log ]] || log=/dev/null
	setsid bash -c "$(declare -p PEOPLE TEAMS mark kept system user space domain && declare -f); learn" \
		</dev/null >>"$log" 2>&1 &
else
	say WARN "${kept%/*} cannot be written"
fi
exit 0
