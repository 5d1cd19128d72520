/** Three tiers to one load balancer, by opt-in tag: what the benchmarks of the sweep and the planner hold in place. */
export const steadyPolicy = `
version: 1
fleet: prod
targets: { sensors: { ids: [tmt-0aaa1111bbbb2222c] } }
filters: { all: { id: tmf-0aaa1111bbbb2222c } }
tiers:
  - { name: first, sessionNumber: 10, target: sensors, filter: all, virtualNetworkId: 10 }
  - { name: second, sessionNumber: 20, target: sensors, filter: all, virtualNetworkId: 20 }
  - { name: third, sessionNumber: 30, target: sensors, filter: all, virtualNetworkId: 30 }
profiles: { default: [first, second, third] }
exclude: [{ tags: { role: [sensor] } }]
`;
