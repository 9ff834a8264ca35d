using System.Collections.Concurrent;
using System.CommandLine;

namespace EventFiles.Client;

/// <summary>One run of a command: what it uses, and what became of each thing that it was asked for.</summary>
internal sealed class Errand : IDisposable
{
    // Of a smaller file, one request after the other brings the parts as soon.
    private const long WorthParts = 16 << 20;

    private readonly Lazy<ServerConnection> server = new(ServerConnection.Open);
    private readonly Lazy<RemoteTree> tree;
    private readonly Lock gate = new();
    private Task<bool>? takesDirect;
    private readonly ConcurrentBag<int> failures = [];
    private int successes;

    private Errand(Display display)
    {
        Display = display;
        tree = new(() => new RemoteTree(Server, AsOf, Sort));
    }

    public Display Display { get; }

    public Meter Meter { get; } = new();

    /// <summary>The server that one is signed in at.</summary>
    /// <exception cref="NotDoneException">One is not.</exception>
    public ServerConnection Server => server.Value;

    public RemoteTree Tree => tree.Value;

    /// <summary>What was at the server at a time or a position; null: what is.</summary>
    public string? AsOf { get; set; }

    /// <summary>The order in which folders are listed; null for names. Set before the tree is used.</summary>
    public string? Sort { get; set; }

    /// <summary>Nothing is to be sent anywhere but to the server.</summary>
    public bool KeepsToServer { get; set; }

    public bool HasFailures => !failures.IsEmpty;

    /// <summary>Runs a command to its end, whatever that is.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(ParseResult asked, Switches switches, Func<Errand, Task> work, CancellationToken cancel)
    {
        using var errand = new Errand(new Display(switches.IsJson(asked), switches.IsQuiet(asked)));
        try
        {
            await work(errand);
        }
        catch (NotDoneException why)
        {
            errand.Failed("", why);
        }
        catch (NotNowException why)
        {
            errand.Failed("", why.Lastly);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errand.Failed("", NotDoneException.Local("here", failure));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            errand.Display.Stopped();
            return ExitCodes.Stopped;
        }

        return errand.ExitCode();
    }

    /// <summary>Does the same with many things, some at once; one that fails keeps no other from being done.</summary>
    /// <param name="name">What to call one when it fails.</param>
    /// <exception cref="NotDoneException">Nothing more can be done at all.</exception>
    public async Task Each<T>(
        IEnumerable<T> things, int parallel, Func<T, string> name, Func<T, CancellationToken, Task> one, CancellationToken cancel) =>
        await Parallel.ForEachAsync(
            things, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancel },
            async (thing, stop) =>
            {
                try
                {
                    await one(thing, stop);
                    Interlocked.Increment(ref successes);
                }
                catch (NotDoneException why) when (why.ExitCode is not (ExitCodes.NotSignedIn or ExitCodes.Away))
                {
                    Failed(name(thing), why);
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    Failed(name(thing), NotDoneException.Local(name(thing), failure));
                }
            });

    /// <summary>Uploads a file, in the way that suits it: a large one straight to the store, where the server wants that.</summary>
    /// <exception cref="NotDoneException">The file was not taken, and why.</exception>
    public async Task<Uploaded> Upload(LocalFile local, Destination to, CancellationToken cancel)
    {
        if (local.SizeBytes >= WorthParts && !KeepsToServer && await TakesDirect().WaitAsync(cancel))
        {
            try
            {
                return await new DirectUpload(Server, Meter).Run(local, to, cancel);
            }
            catch (NotDoneException off) when (off.Code == "upload.direct-unavailable")
            {
                // It was switched off meanwhile.
            }
        }

        return await new Upload(Server, Meter).Run(local, to, cancel);
    }

    /// <summary>Something that was asked for was not done.</summary>
    public void Failed(string what, NotDoneException why)
    {
        failures.Add(why.ExitCode);
        Display.Error(what, why);
    }

    public void Dispose()
    {
        Display.Dispose();
        if (tree.IsValueCreated)
            tree.Value.Dispose();
        if (server.IsValueCreated)
            server.Value.Dispose();
    }

    private Task<bool> TakesDirect()
    {
        lock (gate)
            return takesDirect ??= AskForDirect();
    }

    // A server of a former version does not know the question.
    private async Task<bool> AskForDirect()
    {
        try
        {
            return (await Server.Get<DirectTerms>("api/uploads/direct", CancellationToken.None)).IsAvailable;
        }
        catch (NotDoneException unknown) when (unknown.ExitCode is not (ExitCodes.NotSignedIn or ExitCodes.Away))
        {
            return false;
        }
    }

    private sealed record DirectTerms(bool IsAvailable);

    // What failed alone says why; of several things that had different fates, some failed.
    private int ExitCode() =>
        failures.IsEmpty ? ExitCodes.Done
        : successes == 0 && failures.Distinct().Count() == 1 ? failures.First()
        : ExitCodes.SomeFailed;
}

/// <summary>The options that all commands have.</summary>
internal sealed class Switches
{
    private readonly Option<bool> json = new("--json") { Description = "Print one JSON object for each result and nothing else" };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Print errors and what was asked for only" };

    public bool IsJson(ParseResult asked) => asked.GetValue(json);

    public bool IsQuiet(ParseResult asked) => asked.GetValue(quiet);

    /// <summary>Gives a command these options, and examples to its help.</summary>
    public Command On(Command command, string examples)
    {
        command.Options.Add(json);
        command.Options.Add(quiet);
        command.Options.Add(Help.With($"Examples:\n{examples}\n\n{ExitCodes.Explained}"));
        return command;
    }
}
