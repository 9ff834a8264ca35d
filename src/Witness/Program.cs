using System.Globalization;
using System.Text;
using EventFiles.Verify;
using EventFiles.Witness;

// A witness of logs (c2sp.org/tlog-witness). It remembers one checkpoint of each log and signs the next one only when the
// log has grown from it: whoever has stolen the log's key can still not show two histories that this witness has signed.
var settings = new ConfigurationBuilder().AddEnvironmentVariables("WITNESS_").AddCommandLine(args).Build();
if (settings["name"] is not { Length: > 0 } name || settings["data"] is not { Length: > 0 } folder || settings["logs"] is not { } keys)
    return Wrong("Say who this is, where it remembers, and which logs it knows: --name witness.example --data DIR --logs KEY[,KEY…] [--urls http://0.0.0.0:8090]. WITNESS_NAME, WITNESS_DATA and WITNESS_LOGS say the same.");
var logs = keys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(VerifierKey.Read).ToList();
if (logs.Count == 0 || logs.Contains(null) || name.Any(letter => letter is <= ' ' or '+' or > '~'))
    return Wrong("A name has no spaces and no plus sign, and a log's key is what its command `log key` prints.");

Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
var key = WitnessKey.In(folder, name);
using var memory = new WitnessMemory(folder);
var watching = new Watching(logs!, key, memory, TimeProvider.System);

var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls(settings["urls"] ?? "http://127.0.0.1:8090");
// A checkpoint and 63 hashes: whoever sends more sends something else.
builder.WebHost.ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, 64 * 1024));
builder.Logging.SetMinimumLevel(LogLevel.Warning);
await using var app = builder.Build();
app.MapPost("/add-checkpoint", async (HttpRequest request, CancellationToken cancel) =>
{
    using var reader = new StreamReader(request.Body, Encoding.UTF8);
    var answer = watching.Add(await reader.ReadToEndAsync(cancel));
    return answer.LatestSize is { } latest
        ? Results.Text(latest.ToString(CultureInfo.InvariantCulture) + "\n", "text/x.tlog.size", contentEncoding: null, answer.Status)
        : Results.Text(answer.Text, "text/plain", contentEncoding: null, answer.Status);
});
await app.StartAsync();
Console.WriteLine($"Key:  {key.VerifierKey}");
foreach (var address in app.Urls)
    Console.WriteLine($"Here: {address}");
await app.WaitForShutdownAsync();
return 0;

static int Wrong(string usage)
{
    Console.Error.WriteLine(usage);
    return 2;
}
