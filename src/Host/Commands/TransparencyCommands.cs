using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Verify;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>log</c>: the tree over the log, from the server's side. <c>verify</c>: files that prove something, from anybody's.</summary>
internal static class TransparencyCommands
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public static Command DefineLog(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        json.Recursive = true;
        var since = new Option<FileInfo?>("--since") { Description = "A checkpoint that was kept before: the log must have grown from it", HelpName = "FILE" };
        var onlyNew = new Option<bool>("--new") { Description = "With --since: verify what came after that checkpoint, and take what it covers as verified, private values included" };
        var onlyPublic = new Option<bool>("--public") { Description = "Leave private values alone: where the log was imported without them, or their keys are elsewhere" };
        var keep = new Option<FileInfo?>("--keep") { Description = "Write the newest checkpoint here when all is well, for the next --since; keep it where nobody who has the server gets at it", HelpName = "FILE" };
        var verify = new Command("verify", "Compare every event, and what stands beside it of persons, with what was signed and with the copies in the object store, and name the first that is not as it was; exit 1 when there is one")
        {
            since, onlyNew, onlyPublic, keep,
        };
        verify.Validators.Add(given =>
        {
            if (given.GetValue(onlyNew) && given.GetValue(since) is null)
                given.AddError("--new needs --since.");
        });
        verify.SetAction((asked, cancel) => Verify(
            product, which.Read(asked), asked.GetValue(since), asked.GetValue(onlyNew), asked.GetValue(onlyPublic), asked.GetValue(keep),
            asked.GetValue(json), cancel));
        var key = new Command("key", "Print the public key that verifies checkpoints of the log");
        key.SetAction((asked, _) =>
        {
            var settings = which.Read(asked);
            Console.WriteLine(KeyOf(settings).VerifierKey);
            return Task.FromResult(0);
        });
        return new Command("log", "The signed tree over the event log") { which.Data, which.EnvFile, json, verify, key };
    }

    public static Command DefineVerify()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "A receipt, a proof, a checkpoint, an exported log, or the export of what is yours", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var key = new Option<string?>("--key") { Description = "The public key of the log, as `log key` prints it", HelpName = "KEY" };
        var witnesses = new Option<string[]>("--witness") { Description = "The public key of a witness that must have signed too; may be said again", HelpName = "KEY" };
        var checkpoint = new Option<FileInfo?>("--checkpoint") { Description = "A checkpoint that was kept before: the log must have grown from it. An exported log needs one", HelpName = "FILE" };
        var json = CommandLine.Json();
        var command = new Command("verify", "Verify files offline, with nothing but a public key, which the export of what is yours does not need; exit 1 when one does not hold") { files, key, witnesses, checkpoint, json };
        command.SetAction((asked, _) => Task.FromResult(VerifyFiles(
            asked.GetRequiredValue(files), asked.GetValue(key), asked.GetValue(witnesses) ?? [], asked.GetValue(checkpoint), asked.GetValue(json))));
        return command;
    }

    private static void Nothing(long done, long of)
    {
    }

    private static Task<LogVerdict> WithBar(Func<Action<long, long>, Task<LogVerdict>> run) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(progress =>
        {
            var bar = progress.AddTask("Events");
            return run((done, of) =>
            {
                bar.MaxValue = of;
                bar.Value = done;
            });
        });

    private static async Task<int> Verify(
        Product product, Settings settings, FileInfo? since, bool onlyNew, bool onlyPublic, FileInfo? keep, bool json,
        CancellationToken cancel)
    {
        var key = KeyOf(settings);
        var kept = since is null ? null : Remembered(since);
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var store = BareStore.Of(product, settings, database.ConnectionString, isGuest: true);
        var remembered = await Copies(store.GetRequiredKeyedService<IObjects>(EncryptionServices.Stored), cancel);
        var verification = new LogVerification(database.Source, key, onlyPublic ? null : store.GetRequiredService<PrivateRows>());
        var verified = onlyNew ? kept : null;
        if (verified is not null)
            remembered.RemoveAll(copy => copy.Size <= verified.Size);
        else if (kept is not null)
            remembered.Add(kept);
        var verdict = json || Console.IsOutputRedirected
            ? await verification.Run(remembered, verified, json ? Nothing : Lines(), cancel)
            : await WithBar(show => verification.Run(remembered, verified, show, cancel));
        Console.WriteLine(json
            ? JsonSerializer.Serialize(verdict, JsonSerializerOptions.Web)
            : verdict.IsGood
                ? string.Create(CultureInfo.InvariantCulture, $"All {verdict.Checked} events are as they were signed, and as {verdict.Remembered} kept checkpoints say; the log has {verdict.Size}. {(onlyPublic ? "Private values were left alone." : $"Private values of {verdict.PrivateRows} are what was signed of them, those of {verdict.ErasedRows} were erased.")}")
                : string.Create(CultureInfo.InvariantCulture, $"{verdict.Problem} First bad index: {verdict.FirstBadIndex}{(verdict.Upto is { } upto ? $" to {upto - 1}" : "")}."));
        if (verdict.IsGood && keep is not null && await LogVerification.Newest(database.Source, verdict.Size, cancel) is { } newest)
            await File.WriteAllTextAsync(keep.FullName, newest.Note, cancel);
        return verdict.IsGood ? 0 : 1;
    }

    private static LogKey KeyOf(Settings settings)
    {
        try
        {
            return settings.LogKey(mayMake: false);
        }
        catch (InvalidOperationException missing)
        {
            throw new EmbeddedException(missing.Message);
        }
    }

    private static async Task<List<LogCheckpoint>> Copies(IObjects stored, CancellationToken cancel)
    {
        try
        {
            return await LogVerification.Copies(stored, cancel).ToListAsync(cancel);
        }
        catch (ObjectDamagedException damaged)
        {
            throw new EmbeddedException(damaged.Message);
        }
    }

    private static LogCheckpoint Remembered(FileInfo file)
    {
        var text = Text(file);
        return LogVerification.ReadCheckpoint(text) ?? throw new EmbeddedException($"{file.FullName} is no checkpoint.");
    }

    private static int VerifyFiles(FileInfo[] files, string? key, string[] witnesses, FileInfo? remembered, bool json)
    {
        var isGood = true;
        Trusted? trusted = null;
        foreach (var file in files)
        {
            if (!file.Exists)
                return Wrong($"There is no file {file.FullName}.");
            var verdict = PersonalExport.IsOne(file.FullName) ? PersonalExport.Verify(file.FullName) : Vector(file);
            if (verdict is null)
            {
                if (trusted is null)
                {
                    if (key is null || VerifierKey.Read(key) is not { } log)
                        return Wrong(key is null ? "Whose signature do you trust? Name the key of the log with --key." : "That is no verifier key.");
                    var others = witnesses.Select(VerifierKey.Read).ToList();
                    if (others.Contains(null))
                        return Wrong("That is no key of a witness.");
                    var before = remembered is null ? null : Checkpoint.Read(Text(remembered));
                    if (remembered is not null && before is null)
                        return Wrong($"{remembered.FullName} is no checkpoint.");
                    trusted = new Trusted(log, others!, before);
                }

                verdict = Verification.Of(file.FullName, trusted);
            }

            isGood &= verdict.IsGood;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(verdict, JsonSerializerOptions.Web)
                : string.Create(CultureInfo.InvariantCulture, $"{(verdict.IsGood ? "good" : "BAD ")}  {verdict.Detail}{(verdict.FirstBadIndex is { } bad ? $" First bad index: {bad}." : "")}"));
        }

        return isGood ? 0 : 1;
    }

    private static int Wrong(string usage)
    {
        Console.Error.WriteLine(usage);
        return 2;
    }

    private static Verdict? Vector(FileInfo file)
    {
        const int longest = 1 << 20;
        if (file.Length > longest)
            return null;
        var bytes = File.ReadAllBytes(file.FullName);
        if (!Encoding.UTF8.GetString(bytes).TrimStart().StartsWith('{'))
            return null;
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return Verification.Vector(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(FileInfo file)
    {
        try
        {
            return File.ReadAllText(file.FullName);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedException(failure.Message);
        }
    }

    private static Action<long, long> Lines()
    {
        var last = Stopwatch.GetTimestamp();
        return (done, of) =>
        {
            if (Stopwatch.GetElapsedTime(last) < BetweenLines)
                return;
            last = Stopwatch.GetTimestamp();
            Console.WriteLine(FormattableString.Invariant($"{done} of {of}"));
        };
    }
}
