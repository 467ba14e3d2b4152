/**
 * What a pod may ask for without coming nearer to its node: the baseline and restricted levels of Kubernetes' Pod Security Standards
 * (k8s.io/pod-security-admission, policy/check_*.go, 1.36), as lists of what is allowed. Everything else counts as reaching the host.
 */

/** Linux capabilities that may be added. */
export const CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const

/** Sysctls that are safe in a namespace of their own. */
export const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
] as const

/** Types of SELinux labels; its user and role stay unset. */
export const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'] as const

/** Types of seccomp and AppArmor profiles. */
export const PROFILE_TYPES = ['RuntimeDefault', 'Localhost'] as const

/** What the AppArmor annotations may say, the second as a prefix. */
export const APPARMOR_VALUES = ['', 'runtime/default', 'localhost/'] as const

/** Sources of volumes that hold nothing of the node (the restricted level's list; csi is looked at by itself). */
export const VOLUME_SOURCES = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const
