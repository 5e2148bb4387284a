"""Run the rivals side by side; see README.md."""
import argparse, json, os, pathlib, resource, signal, statistics, subprocess, sys, time
from nodes import Farm

HERE = pathlib.Path(__file__).resolve().parent
# name: (script, variant, workloads)
RIVALS = {
    "asyncssh-exec": ("rival_asyncssh.py", "exec", "abcd"),
    "asyncssh-fused": ("rival_asyncssh.py", "fused", "acd"),
    "asyncssh-shell": ("rival_asyncssh.py", "shell", "ac"),
    "asyncssh-conn": ("rival_asyncssh.py", "conn", "a"),
    "ssh-loop": ("rival_ssh.py", "loop", "abc"),
    "ssh-mux": ("rival_ssh.py", "mux", "abcd"),
    "ssh-script": ("rival_ssh.py", "script", "ac"),
    "ansible": ("rival_ansible.py", "command", "abc"),
    "ansible-raw": ("rival_ansible.py", "raw", "abc"),
    "ansible-mitogen": ("rival_ansible.py", "mitogen", "abc"),
    "pyinfra": ("rival_pyinfra.py", "std", "abc"),
    "fabric": ("rival_fabric.py", "std", "abcd"),
    "pssh": ("rival_pssh.py", "std", "abcd"),
    "hostdeck": ("rival_hostdeck.py", "std", "abcd"),   # add this file when it exists
}


def one(farm, name, work, args):
    script, variant, _ = RIVALS[name]
    spec = farm.env(services=args.services, keys=args.keys, lines=args.lines, spread=min(args.nodes, farm.count))
    cmd = [sys.executable, str(HERE / script), spec, work[0], variant]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    t0 = time.perf_counter()
    p = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, cwd=farm.tmp)
    try:
        out, _ = p.communicate(timeout=args.timeout)
    except BaseException as exc:
        os.killpg(p.pid, signal.SIGKILL)
        p.communicate()
        farm.sweep()
        if not isinstance(exc, subprocess.TimeoutExpired):
            raise
        return {"rival": name, "workload": work, "ok": False, "error": "over %d s" % args.timeout}
    wall = time.perf_counter() - t0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    res = {"rival": name, "workload": work, "wall_s": round(wall, 3), "ok": p.returncode == 0, "nap_ms": farm.nap, "rtt_ms": farm.rtt,
           "client_cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3)}
    for line in out.splitlines():
        if line.startswith("RESULT "):
            res["detail"] = d = {k: round(v, 4) for k, v in json.loads(line[7:]).items()}
            res["wall_s"] = round(wall - d.pop("teardown_s", 0), 3)
    got = farm.counts()
    want = {"a": {"v-list": args.services * 5, "v-add": args.services * 5}, "a2": {"v-list": args.services * 5},
            "c": {"v-list": args.nodes, "v-change": args.nodes * args.keys}, "c2": {"v-list": args.nodes},
            "d": {"v-emit": 1}, "b": {}}[work]
    if name == "hostdeck":
        want.pop("v-list", None)      # reads the file itself: Hestia's listing leaves seven keys out
    if got != want:
        res["ok"], res["error"] = False, "commands seen %s, wanted %s" % (got, want)
    if not res["ok"]:
        res.setdefault("error", out[-800:])
    return res


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--only", default="", help="comma list of rivals (prefix match)")
    ap.add_argument("--work", default="a,c,c2", help="of a,a2,b,c,c2,d (2 = second run, must change nothing)")
    ap.add_argument("--nodes", type=int, default=8)
    ap.add_argument("--services", type=int, default=40)
    ap.add_argument("--keys", type=int, default=30)
    ap.add_argument("--lines", type=int, default=200000)
    ap.add_argument("--nap-ms", type=int, default=0, help="how long every stub command sleeps")
    ap.add_argument("--rtt-ms", type=int, default=0, help="put a delay proxy before each node")
    ap.add_argument("--kex", default="curve25519-sha256", help="KexAlgorithms for OpenSSH clients; 'default' leaves theirs")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--timeout", type=int, default=180)
    ap.add_argument("--base-port", type=int, default=23100)
    ap.add_argument("--out", default="", help="append result lines (JSON) here")
    args = ap.parse_args()
    works = args.work.split(",")
    pick = [n for n in RIVALS if (HERE / RIVALS[n][0]).exists() and
            (not args.only or any(n.startswith(o) for o in args.only.split(",")))]
    farm, results = Farm(args.nodes, args.base_port, args.nap_ms, args.rtt_ms, args.kex), []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        farm.start()
        for rnd in range(args.rounds):
            for name in pick:
                for work in works:
                    if work[0] not in RIVALS[name][2] or (work[1:] and work[0] not in works):
                        continue
                    if work[1:]:      # second run: keep the state, forget the log
                        for n in farm.nodes:
                            (farm.tmp / n["name"] / "state" / "log").write_text("")
                    else:
                        farm.reset()
                    r = one(farm, name, work, args)
                    r["round"] = rnd
                    results.append(r)
                    print(json.dumps(r), file=sys.stderr, flush=True)
                    if args.out:
                        with open(args.out, "a") as fh:
                            fh.write(json.dumps(r) + "\n")
    finally:
        farm.stop()
    for work in works:
        rows = {}
        for r in results:
            if r["workload"] == work and r["ok"]:
                rows.setdefault(r["rival"], []).append(r)
        if not rows:
            continue
        med = {n: statistics.median(x["wall_s"] for x in v) for n, v in rows.items()}
        best = min(med.values())
        print("\n%s  nodes=%d nap=%dms rtt=%dms (median of %d)" % (work, args.nodes, args.nap_ms, args.rtt_ms, args.rounds))
        for n, m in sorted(med.items(), key=lambda x: x[1]):
            cpu = statistics.median(x["client_cpu_s"] for x in rows[n])
            det = rows[n][len(rows[n]) // 2].get("detail", {})
            print("  %-16s %8.2f s  x%-6.2f client cpu %6.2f  %s" % (n, m, m / best, cpu, det))
    bad = [r for r in results if not r["ok"]]
    for r in bad:
        print("FAILED %s %s: %s" % (r["rival"], r["workload"], r.get("error")))
    return 1 if bad else 0

if __name__ == "__main__":
    sys.exit(main())
