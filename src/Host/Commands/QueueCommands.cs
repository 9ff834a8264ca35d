using System.CommandLine;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.Messaging;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>queues status</c> and <c>dead-letters</c>: what waits, what was given up, and what becomes of that.</summary>
internal static class QueueCommands
{
    private const int AtOnce = 1000;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Command DefineQueues()
    {
        var (which, json) = Options();
        var status = new Command("status", "Show how much work of each kind waits and runs, over all nodes");
        status.SetAction(async (asked, cancel) =>
        {
            await using var database = await OperatorDatabase.Open(which.Read(asked), cancel);
            Print(await new QueueRegister(database.Source).List(cancel), asked.GetValue(json));
            return 0;
        });
        return new Command("queues", "Work on its way") { which.Data, which.EnvFile, json, status };
    }

    public static Command DefineDeadLetters()
    {
        var (which, json) = Options();
        var list = new Command("list", "Show the work that was given up, the oldest first");
        list.SetAction((asked, cancel) => On(which.Read(asked), async (register, _) =>
        {
            Print(await register.List(AtOnce, cancel), asked.GetValue(json));
            return 0;
        }, cancel));

        var one = new Argument<Guid>("id") { Description = "Which one", HelpName = "ID" };
        var show = new Command("show", "Show all that is known of one") { one };
        show.SetAction((asked, cancel) => On(which.Read(asked), async (register, _) =>
        {
            Show((await Find(register, [asked.GetValue(one)], cancel))[0], asked.GetValue(json));
            return 0;
        }, cancel));
        return new Command("dead-letters", "Work that was given up")
        {
            which.Data,
            which.EnvFile,
            json,
            list,
            show,
            Deciding("retry", "Have the work tried again, with all its tries; exit 1 when it was given up again", which, json, Retry),
            Deciding("discard", "Forget the work: nobody will do it", which, json, Discard),
        };
    }

    private static (WhichServer Which, Option<bool> Json) Options()
    {
        var json = CommandLine.Json();
        json.Recursive = true;
        return (new WhichServer(), json);
    }

    // About those that are named, or about all: never about all by omission.
    private static Command Deciding(
        string verb, string description, WhichServer which, Option<bool> json,
        Func<QueueRegister, IReadOnlyList<DeadLetter>, bool, CancellationToken, Task<IReadOnlyList<DeadLetter>>> decide)
    {
        var ids = new Argument<Guid[]>("id") { Description = "Which ones", HelpName = "ID", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All of them" };
        var command = new Command(verb, description) { ids, all };
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(ids) is not { Length: > 0 } && !asked.GetValue(all))
                asked.AddError("Name a dead letter, or say --all.");
        });
        command.SetAction((asked, cancel) => On(which.Read(asked), async (register, isServed) =>
        {
            var letters = asked.GetValue(all)
                ? await register.List(int.MaxValue, cancel)
                : await Find(register, asked.GetValue(ids)!, cancel);
            var left = await decide(register, letters, isServed, cancel);
            if (left.Count > 0 || asked.GetValue(json))
                Print(left, asked.GetValue(json));
            else
                Console.WriteLine(FormattableString.Invariant($"{letters.Count} done."));
            return left.Count == 0 ? 0 : 1;
        }, cancel));
        return command;
    }

    // Written down, and waited for where a server runs that hands it out.
    private static async Task<IReadOnlyList<DeadLetter>> Retry(
        QueueRegister register, IReadOnlyList<DeadLetter> letters, bool isServed, CancellationToken cancel)
    {
        foreach (var letter in letters)
            await register.Retry(letter.Id, cancel);
        if (!isServed)
        {
            await Console.Error.WriteLineAsync("No server runs on this database: it is written down for the next one.");
            return [];
        }

        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var left = (await register.List(int.MaxValue, cancel)).Where(one => letters.Any(letter => letter.Id == one.Id)).ToList();
            if (left.TrueForAll(one => !one.Retrying))
                return left;
            if (TimeProvider.System.GetElapsedTime(since) > Patience)
                throw new EmbeddedException("It is written down, but not all of it has come to an end within a minute. See: eventfiles dead-letters list.");
            await Task.Delay(Pace, cancel);
        }
    }

    private static async Task<IReadOnlyList<DeadLetter>> Discard(
        QueueRegister register, IReadOnlyList<DeadLetter> letters, bool isServed, CancellationToken cancel)
    {
        foreach (var letter in letters)
            await register.Discard(letter.Id, cancel);
        return [];
    }

    private static async Task<int> On(Settings settings, Func<QueueRegister, bool, Task<int>> act, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        return await act(new QueueRegister(database.Source), database.IsServed);
    }

    private static async Task<IReadOnlyList<DeadLetter>> Find(QueueRegister register, Guid[] ids, CancellationToken cancel)
    {
        var found = new List<DeadLetter>();
        foreach (var id in ids)
            found.Add(await register.Find(id, cancel) ?? throw new EmbeddedException($"There is no dead letter {id}."));
        return found;
    }

    /// <summary>All kinds of work, for people or as JSON.</summary>
    public static void Print(IReadOnlyList<QueueStatus> queues, bool json)
    {
        if (json)
        {
            ProjectionsCommands.PrintJson(queues);
            return;
        }

        if (queues.Count == 0)
            Console.WriteLine("No running server has told of its queues.");
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Kind", "Depth", "Running", "Consumers", "Oldest", "Dead letters");
        foreach (var one in queues)
        {
            table.AddRow(
                one.Kind, $"{one.Depth:N0}", $"{one.Running:N0}", $"{one.Consumers:N0}", one.Oldest is { } since ? $"{since:u}" : "",
                one.DeadLetters == 0 ? "0" : $"[red]{one.DeadLetters:N0}[/]");
        }

        AnsiConsole.Write(table);
    }

    private static void Print(IReadOnlyList<DeadLetter> letters, bool json)
    {
        if (json)
        {
            ProjectionsCommands.PrintJson(letters);
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Id", "Kind", "Work", "Tries", "Given up", "Error");
        foreach (var one in letters)
        {
            table.AddRow(
                $"{one.Id}", one.Kind, Markup.Escape(one.Work), $"{one.Tries}", one.Retrying ? "[yellow]retrying[/]" : $"{one.At:u}",
                Markup.Escape(one.Error));
        }

        AnsiConsole.Write(table);
    }

    private static void Show(DeadLetter letter, bool json)
    {
        if (json)
        {
            ProjectionsCommands.PrintJson(letter);
            return;
        }

        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("Id", $"{letter.Id}");
        table.AddRow("Kind", letter.Kind);
        table.AddRow("Work", Markup.Escape(letter.Work));
        table.AddRow("Body", Markup.Escape(letter.Body));
        table.AddRow("Given up", $"{letter.At:u} after {letter.Tries} tries" + (letter.Retrying ? ", retrying" : ""));
        table.AddRow("Error", Markup.Escape(letter.Error));
        table.AddRow("Caused by", letter.CausationId ?? "");
        table.AddRow("Trace", letter.CorrelationId ?? "");
        AnsiConsole.Write(table);
    }
}
