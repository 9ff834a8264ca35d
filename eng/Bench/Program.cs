using System.Runtime.InteropServices;
using EventFiles.Bench;
using EventFiles.Infrastructure.Children;

// The programs that are compared with are this one again, in processes of their own.
if (args is ["limit", var connectionString, var folder])
    return await LimitServer.Serve(connectionString, folder);

if (args is ["warm", var picture, var threads])
{
    Thumbnails.Warm(picture, int.Parse(threads, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["child", "pictures"])
{
    PictureChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());
    return 0;
}

var (only, root, host) = (default(string), "artifacts", "");
for (var at = 0; at < args.Length; at += 2)
{
    switch (args[at], args.ElementAtOrDefault(at + 1))
    {
        case ("--only", { } name): only = name; break;
        case ("--out", { } path): root = path; break;
        case ("--host", { } path): host = path; break;
        default:
            await Console.Error.WriteLineAsync($"Not an option, or one without its value: {args[at]}. See eng/bench --help.");
            return 2;
    }
}

using var stop = new CancellationTokenSource();
void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    return await Benchmarks.Run(only, root, host, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (BenchException why)
{
    await Console.Error.WriteLineAsync(why.Message);
    return 1;
}
