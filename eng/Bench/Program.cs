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
for (var at = 0; at < args.Length - 1; at += 2)
{
    (only, root, host) = args[at] switch
    {
        "--only" => (args[at + 1], root, host),
        "--out" => (only, args[at + 1], host),
        "--host" => (only, root, args[at + 1]),
        _ => throw new BenchException($"Unknown option {args[at]}"),
    };
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
