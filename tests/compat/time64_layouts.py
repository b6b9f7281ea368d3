"""The structures of ``compat/time64_layouts.h`` beside those of libc's headers: name there, name here, fields."""

LAYOUTS = {
    "struct timespec": ("struct spec64", {"tv_sec": "sec", "tv_nsec": "nsec"}),
    "struct timeval": ("struct val64", {"tv_sec": "sec", "tv_usec": "usec"}),
    "struct itimerspec": ("struct timer_spec64", {"it_interval": "interval", "it_value": "value"}),
    "struct itimerval": ("struct timer_val64", {"it_interval": "interval", "it_value": "value"}),
    "struct utimbuf": ("struct times64", {"actime": "access", "modtime": "modification"}),
    "struct stat": (
        "struct status64",
        {
            f"st_{name}": name
            for name in [
                "dev",
                "ino",
                "mode",
                "nlink",
                "uid",
                "gid",
                "rdev",
                "size",
                "blksize",
                "blocks",
                "atim",
                "mtim",
                "ctim",
            ]
        },
    ),
    "struct rusage": ("struct usage64", {"ru_utime": "utime", "ru_stime": "stime", "ru_maxrss": "others"}),
    "struct timex": (
        "struct adjustment64",
        {
            name: name
            for name in [
                "modes",
                "offset",
                "freq",
                "maxerror",
                "esterror",
                "status",
                "constant",
                "precision",
                "tolerance",
                "time",
                "tick",
                "ppsfreq",
                "jitter",
                "shift",
                "stabil",
                "jitcnt",
                "calcnt",
                "errcnt",
                "stbcnt",
                "tai",
            ]
        },
    ),
    "struct ntptimeval": ("struct ntp64", {name: name for name in ("time", "maxerror", "esterror", "tai")}),
    "struct ipc_perm": ("struct permissions", {"__key": "key", "uid": "owner", "mode": "mode", "__seq": "sequence"}),
    "struct semid_ds": (
        "struct semaphores64",
        {f"sem_{name}": name for name in ("perm", "otime", "ctime", "nsems")},
    ),
    "struct msqid_ds": (
        "struct messages64",
        {
            **{f"msg_{name}": name for name in ["perm", "stime", "rtime", "ctime", "qnum", "qbytes", "lspid", "lrpid"]},
            "__msg_cbytes": "cbytes",
        },
    ),
    "struct shmid_ds": (
        "struct memory64",
        {f"shm_{name}": name for name in ["perm", "segsz", "atime", "dtime", "ctime", "cpid", "lpid", "nattch"]},
    ),
    "FTSENT": (
        "struct entry64",
        {
            **{
                f"fts_{name}": name
                for name in [
                    "cycle",
                    "parent",
                    "link",
                    "number",
                    "pointer",
                    "accpath",
                    "path",
                    "symfd",
                    "pathlen",
                    "namelen",
                    "ino",
                    "dev",
                    "nlink",
                    "level",
                    "info",
                    "flags",
                    "instr",
                    "statp",
                    "name",
                ]
            },
            "fts_errno": "error",
        },
    ),
}
