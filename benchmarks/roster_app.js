// The same company in JavaScript, one construct a resource: `node benchmarks/roster_app.js N OUT`.
'use strict';
const { createHash } = require('crypto');
const cdk = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const sagemaker = require('aws-cdk-lib/aws-sagemaker');
const ssm = require('aws-cdk-lib/aws-ssm');

const PEOPLE_IN_A_STACK = 104;
const [RUNGS, WAVE_WIDTH] = [32, 20];
const RETAIN = { applyToUpdateReplacePolicy: true };

function logicalId(userName) {
  const readable = userName.split(/[^A-Za-z0-9]+/).map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return readable + createHash('sha256').update(userName).digest('hex').slice(0, 8).toUpperCase();
}

function rungOf(userName) {
  return createHash('sha256').update(userName).digest()[31] % RUNGS;
}

/** Rungs in a row whose people fit into a wave are let go together, when everybody of the wave before is done. */
function addWaves(stack, people) {
  const crowds = new Map();
  for (const one of people) crowds.set(rungOf(one.userName), [...(crowds.get(rungOf(one.userName)) ?? []), one]);
  let [first, room, before, wave] = [undefined, 0, [], []];
  for (const [rung, crowd] of [...crowds].sort(([one], [other]) => one - other)) {
    const handle = new cdk.CfnWaitConditionHandle(stack, `Wave${String(rung).padStart(2, '0')}`);
    if (crowd.length > room) {
      [first, room, before, wave] = [handle, WAVE_WIDTH, wave, []];
      for (const one of before) handle.addResourceDependency(one.space);
    } else {
      handle.addResourceDependency(first);
    }
    for (const one of crowd) one.profile.addResourceDependency(handle);
    room -= crowd.length;
    wave = [...wave, ...crowd];
  }
}

function trustPolicy() {
  const account = { Ref: 'AWS::AccountId' };
  const parts = ['arn:', { Ref: 'AWS::Partition' }, ':sagemaker:', { Ref: 'AWS::Region' }, ':', account, ':*'];
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sagemaker.amazonaws.com' },
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', parts] } },
    },
  };
  return {
    Version: '2012-10-17',
    Statement: [
      { ...statement, Action: 'sts:AssumeRole' },
      { ...statement, Action: 'sts:SetSourceIdentity', Sid: 'SayWhoActs' },
    ],
  };
}

function addPerson(stack, number) {
  const userName = `person-${number}`;
  const base = logicalId(userName);
  const tags = [{ key: 'studio:team', value: 'vision' }, { key: 'studio:user', value: userName }];
  const role = new iam.CfnRole(stack, `${base}Role`, {
    description: `Apps of ${userName} run as this`,
    assumeRolePolicyDocument: trustPolicy(),
    managedPolicyArns: ['arn:aws:iam::123456789012:policy/vision'],
    tags,
  });
  const profile = new sagemaker.CfnUserProfile(stack, `${base}Profile`, {
    domainId: 'd-1',
    userProfileName: userName,
    userSettings: { executionRole: role.attrArn },
    tags,
  });
  profile.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN, RETAIN);
  new ssm.CfnParameter(stack, `${base}GitIdentity`, {
    name: `/research/people/${userName}/git-identity`,
    type: 'String',
    description: "Name and e-mail address for git, and the team, read by the person's spaces",
    value: `{"name": "Person ${number}", "email": "p${number}@example.com", "team": "vision"}`,
    tags: { 'studio:team': 'vision', 'studio:user': userName },
  });
  const space = new sagemaker.CfnSpace(stack, `${base}Space`, {
    domainId: 'd-1',
    spaceName: userName,
    ownershipSettings: { ownerUserProfileName: userName },
    spaceSharingSettings: { sharingType: 'Private' },
    spaceSettings: { appType: 'JupyterLab' },
    tags,
  });
  space.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN, RETAIN);
  space.addResourceDependency(profile);
  return { userName, profile, space };
}

const [people, out] = [Number(process.argv[2]), process.argv[3]];
const app = new cdk.App({ outdir: out, analyticsReporting: false });
for (let first = 0; first < people; first += PEOPLE_IN_A_STACK) {
  const stack = new cdk.Stack(app, `users-${first / PEOPLE_IN_A_STACK + 1}`);
  const made = [];
  for (let number = first; number < Math.min(first + PEOPLE_IN_A_STACK, people); number += 1) made.push(addPerson(stack, number));
  addWaves(stack, made);
}
app.synth();
