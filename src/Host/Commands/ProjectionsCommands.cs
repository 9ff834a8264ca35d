using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.ReadModels;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>projections</c>: how the views stand, and what an operator may wish of them.</summary>
internal static class ProjectionsCommands
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Command Define()
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        json.Recursive = true;
        return new Command("projections", "The views that readers see, and how they are rebuilt")
        {
            which.Data,
            which.EnvFile,
            json,
            Reading("list", "Show every projection in a line", which, json, List),
            Reading("status", "Show all that is known of projections", which, json, Detailed),
            RebuildCommand.Define(which, json),
            RebuildCommand.DefineDiff(which, json),
            Wishing("switch", "Show readers what was rebuilt", ProjectionWish.Switch, which, json, one => one.Rebuild is null),
            Wishing("discard", "Throw away what was rebuilt", ProjectionWish.Discard, which, json, one => one.Rebuild is null),
            Wishing("pause", "Take no events until resumed; readers see the views as they are", ProjectionWish.Pause, which, json, one => one.State == "paused"),
            Wishing("resume", "Take events again, from where it was paused", ProjectionWish.Resume, which, json, one => one.State != "paused"),
            ParkedCommands.Define(which, json),
        };
    }

    /// <summary>The projections of these names.</summary>
    /// <exception cref="EmbeddedException">There is none of a name.</exception>
    public static async Task<List<ProjectionStatus>> Find(
        ProjectionRegister register, IReadOnlyCollection<string> names, bool isAll, CancellationToken cancel)
    {
        var all = await register.List(cancel);
        if (all.Count == 0)
            throw new EmbeddedException("No server has ever run on this database: it has no projections yet.");
        if (names.Except(all.Select(one => one.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new EmbeddedException($"There is no projection {unknown}. There are: {string.Join(", ", all.Select(one => one.Name))}.");
        return [.. all.Where(one => isAll || names.Contains(one.Name, StringComparer.Ordinal))];
    }

    /// <summary>Waits until all of them are as wanted; every look is shown.</summary>
    /// <exception cref="EmbeddedException">No node has taken the wish up for a minute.</exception>
    public static async Task<List<ProjectionStatus>> Until(
        ProjectionRegister register, IReadOnlyCollection<string> names, Func<ProjectionStatus, bool> isWanted,
        Action<IReadOnlyList<ProjectionStatus>> show, CancellationToken cancel)
    {
        var silentSince = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await Find(register, names, isAll: false, cancel);
            show(seen);
            if (seen.TrueForAll(one => isWanted(one)))
                return seen;
            if (!seen.TrueForAll(one => one.State == "unheld"))
                silentSince = TimeProvider.System.GetTimestamp();
            else if (TimeProvider.System.GetElapsedTime(silentSince) > Patience)
                throw new EmbeddedException("No running server has taken it up. The wish is written down: a server that starts fulfils it.");
            await Task.Delay(Pace, cancel);
        }
    }

    public static void PrintJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, JsonSerializerOptions.Web));

    /// <summary>Wishes are for projections that are named, or for all: never for all by omission.</summary>
    public static void NeedsNames(Command command, Argument<string[]> names, Option<bool> all) => command.Validators.Add(asked =>
    {
        if (asked.GetValue(names) is not { Length: > 0 } && !asked.GetValue(all))
            asked.AddError("Name a projection, or say --all.");
    });

    public static Argument<string[]> Names() => new("name")
    {
        Description = "Projections",
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Option<bool> All() => new("--all") { Description = "All projections" };

    private static Command Reading(
        string verb, string description, WhichServer which, Option<bool> json, Action<IReadOnlyList<ProjectionStatus>> print)
    {
        var names = Names();
        var command = new Command(verb, description) { names };
        command.SetAction(async (asked, cancel) =>
        {
            await using var database = await OperatorDatabase.Open(which.Read(asked), cancel);
            var named = asked.GetValue(names) ?? [];
            var found = await Find(new ProjectionRegister(database.Source), named, isAll: named.Length == 0, cancel);
            if (asked.GetValue(json))
                PrintJson(found);
            else
                print(found);
            return 0;
        });
        return command;
    }

    // Written down, and waited for where a server runs that can fulfil it. What is so already is fulfilled at once.
    private static Command Wishing(
        string verb, string description, ProjectionWish wish, WhichServer which, Option<bool> json,
        Func<ProjectionStatus, bool> isFulfilled)
    {
        var (names, all) = (Names(), All());
        var command = new Command(verb, description) { names, all };
        NeedsNames(command, names, all);
        command.SetAction(async (asked, cancel) =>
        {
            await using var database = await OperatorDatabase.Open(which.Read(asked), cancel);
            var register = new ProjectionRegister(database.Source);
            var found = await Find(register, asked.GetValue(names) ?? [], asked.GetValue(all), cancel);
            string[] named = [.. found.Select(one => one.Name)];
            await register.Ask(named, wish, cancel);
            if (database.IsServed)
                found = await Until(register, named, isFulfilled, _ => { }, cancel);
            else
                await Console.Error.WriteLineAsync("No server runs on this database: it is written down for the next one.");
            if (asked.GetValue(json))
                PrintJson(found);
            else
                List(found);
            return 0;
        });
        return command;
    }

    private static void List(IReadOnlyList<ProjectionStatus> all)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Projection", "State", "Generation", "Position", "Behind", "Parked", "Shadow");
        foreach (var one in all)
        {
            table.AddRow(
                one.Name, State(one), Number(one.Generation), Number(one.Position),
                Number(Math.Max(0, one.Target - one.Position)), Number(one.Parked),
                one.Shadow is { } shadow ? $"{Number(shadow)} at {Number(one.ShadowPosition ?? 0)}" : "");
        }

        AnsiConsole.Write(table);
    }

    private static void Detailed(IReadOnlyList<ProjectionStatus> all)
    {
        foreach (var one in all)
        {
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
            table.Title = new TableTitle(one.Name, new Style(decoration: Decoration.Bold));
            table.AddRow("State", State(one));
            table.AddRow("Version", Number(one.Version));
            table.AddRow("Generation", Number(one.Generation));
            table.AddRow("Position", $"{Number(one.Position)} of {Number(one.Target)}");
            if (one.Shadow is { } shadow)
                table.AddRow("Shadow", $"generation {Number(shadow)} at {Number(one.ShadowPosition ?? 0)}");
            if (one.EventsPerSecond is { } rate)
                table.AddRow("Rate", $"{rate:N0} events/s" + (one.SecondsLeft is { } left ? $", {left:N0} s left" : ""));
            if (one.ComparedAt is { } at)
                table.AddRow("Compared", $"at {Number(at)}: {Number(one.Differences ?? 0)} views differ");
            if (one.LiveDigest is { } live)
                table.AddRow("Digests", $"{live} live, {one.ShadowDigest} shadow");
            table.AddRow("Parked events", Number(one.Parked));
            if (one.Error is { } error)
                table.AddRow("Error", Markup.Escape(error));
            if (one.ReportedAt is { } reported)
                table.AddRow("Reported", $"by {Markup.Escape(one.Node ?? "")} at {reported:u}");
            AnsiConsole.Write(table);
        }
    }

    private static string State(ProjectionStatus one) => one.State switch
    {
        "live" => "[green]live[/]",
        "failing" or "unheld" => $"[red]{one.State}[/]",
        _ => $"[yellow]{one.State}[/]",
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
