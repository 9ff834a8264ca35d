using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Quota;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Host.Commands;

/// <summary><c>quota</c>: what accounts may hold and do hold, and whether the figures are what the events come to.</summary>
internal static class QuotaCommands
{
    private const string View = "quota";

    public static Command Define(Product product) =>
        new("quota", "How much space accounts have") { List(product), Set(product), Verify(product) };

    private static Command List(Product product)
    {
        var (which, json, account) = (new WhichServer(), CommandLine.Json(), Account(isRequired: false));
        var warned = new Option<bool>("--warned") { Description = "Only those that have come to 80 percent of their limit" };
        var command = new Command("list", "List accounts that ever held anything, with limits and figures") { which.Data, which.EnvFile, json, account, warned };
        command.SetAction((asked, cancel) => On(product, which.Read(asked), async ground =>
        {
            foreach (var stream in await ground.Streams(asked.GetValue(account), cancel))
            {
                var space = QuotaView.Of(stream.Tenant, await ground.Log.Load(stream, QuotaDecider.Decider, cancel));
                if (space.WarnedPercent > 0 || !asked.GetValue(warned))
                    Print(space, asked.GetValue(json));
            }

            return 0;
        }, cancel));
        return command;
    }

    private static Command Set(Product product)
    {
        var (which, json, account) = (new WhichServer(), CommandLine.Json(), Account(isRequired: true));
        var limit = Number<long>("--limit", "What it may hold, in bytes", isRequired: true);
        var soft = Number<long?>("--soft", "What it may hold for no more than two weeks, in bytes");
        var files = Number<int?>("--max-files", "How many files it may have, the trash included");
        var size = Number<long?>("--max-file-bytes", "How large one file may be");
        var command = new Command("set", "Set what an account may hold; what is not named is no limit any more")
        {
            which.Data, which.EnvFile, json, account, limit, soft, files, size,
        };
        command.SetAction((asked, cancel) => On(product, which.Read(asked), async ground =>
        {
            var stream = QuotaDecider.StreamOf(new AccountId(asked.GetValue(account)!.Value));
            if (!await ground.IsAccount(stream.Tenant, cancel))
                throw new EmbeddedException($"There is no account {stream.Tenant}.");
            var rules = new QuotaRules(asked.GetValue(soft), asked.GetValue(files), asked.GetValue(size));
            var answer = await ground.Log.Transact<QuotaView>(async transaction =>
                (await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.SetLimit(asked.GetValue(limit)))
                ?? await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.SetRules(rules))) is { } no
                    ? no
                    : QuotaView.Of(stream.Tenant, await transaction.Load(stream, QuotaDecider.Decider)), cancel);
            if (answer is not Answer<QuotaView>.Yes(var space, _))
                throw new EmbeddedException(answer.Refusal!.Detail);
            Print(space, asked.GetValue(json));
            return 0;
        }, cancel));
        return command;
    }

    private static Command Verify(Product product)
    {
        var (which, json, account) = (new WhichServer(), CommandLine.Json(), Account(isRequired: false));
        var fix = new Option<bool>("--fix") { Description = "Make again what is wrong" };
        var command = new Command("verify", "Count every account's figures again from its events, and name the first event at which one that is kept departed")
        {
            which.Data, which.EnvFile, json, account, fix,
        };
        command.SetAction((asked, cancel) => On(
            product, which.Read(asked), ground => Verify(ground, asked.GetValue(account), asked.GetValue(fix), asked.GetValue(json), cancel), cancel));
        return command;
    }

    private static async Task<int> Verify(QuotaGround ground, Guid? account, bool fix, bool json, CancellationToken cancel)
    {
        var (accounts, wrong) = (0, 0);
        foreach (var stream in await ground.Streams(account, cancel))
        {
            accounts++;
            wrong += await Verify(ground, stream, fix, json, cancel);
        }

        wrong += await VerifyViews(ground, account, fix, json, cancel);
        if (!json)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{accounts} accounts counted again, {(wrong == 0 ? "all figures are what their events come to" : $"{wrong} figures are not what their events come to")}."));
        }

        return wrong == 0 ? 0 : 1;
    }

    // The snapshot first: whoever corrects the figures decides on what it says.
    private static async Task<int> Verify(QuotaGround ground, StreamId stream, bool fix, bool json, CancellationToken cancel)
    {
        var (shape, wrong) = (QuotaDecider.Decider.Snapshots!, 0);
        var kept = await ground.Kept.Find(stream, shape, cancel);
        var replay = new QuotaReplay();
        QuotaDeparture? snapshot = null;
        await foreach (var happened in ground.Log.Read(stream.Name, 0, cancel))
        {
            replay.Hear(happened);
            if (replay.Version == kept?.Version && !kept.Is(replay.State))
            {
                snapshot = kept.Read<Balance>("balance") is { } found && found != replay.State.Balance
                    ? replay.Compare("snapshot", found, kept.Position)
                    : new QuotaDeparture("snapshot", new QuotaStep(happened.Position, happened.Version, happened.Name), null, replay.State.Balance);
            }
        }

        if (snapshot is not null)
        {
            wrong++;
            if (fix)
                await ground.Kept.Forget(stream, shape, cancel);
            Print(stream.Tenant, snapshot, !fix ? "" : ground.IsServed
                ? "removed; a running server that has read it knows it until it is started again" : "removed", json);
        }

        if (replay.Departure is { } departure)
        {
            wrong++;
            var outcome = !replay.IsWrongNow ? "right again since; the log itself was altered or a program was wrong: see log verify" : "";
            if (fix && replay.IsWrongNow)
            {
                var answer = await ground.Log.Transact<Done>(async transaction =>
                    await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.Correct()) is { } no ? no : default(Done), cancel);
                outcome = answer.Refusal is { } why ? why.Detail : "corrected by a new event";
            }

            Print(stream.Tenant, departure, outcome, json);
        }

        return wrong;
    }

    // A server builds them again beside those that readers see, and compares. It alone has them.
    private static async Task<int> VerifyViews(QuotaGround ground, Guid? account, bool fix, bool json, CancellationToken cancel)
    {
        if (!ground.IsServed)
        {
            await Console.Error.WriteLineAsync("No server runs on this database: there are no views to compare.");
            return 0;
        }

        var register = new ProjectionRegister(ground.Database.Source);
        if ((await ProjectionsCommands.Find(register, [View], isAll: false, cancel)).Exists(one => one.Paused))
            throw new EmbeddedException("The view quota is paused: resume it to have it compared.");
        await register.Ask([View], ProjectionWish.RebuildAndCompare, cancel);
        var stands = (await ProjectionsCommands.Until(
            register, [View], one => one.Rebuild is null || (one.State == "compared" && one.ComparedAt is not null), _ => { }, cancel))[0];
        if (stands.Differences is null or 0)
            return 0;
        var wrong = 0;
        try
        {
            await register.Ask([View], ProjectionWish.CompareWithValues, cancel);
            await ProjectionsCommands.Until(register, [View], one => !one.Comparing, _ => { }, cancel);
            foreach (var one in (await register.Diff(View, cancel))?.Items ?? [])
            {
                if (account is { } only && one.Key != new AccountId(only).ToString())
                    continue;
                wrong++;
                await Print(ground, one, fix ? "made again" : "", json, cancel);
            }
        }
        finally
        {
            await register.Ask([View], ProjectionWish.ForgetValues, CancellationToken.None);
            await register.Ask([View], fix ? ProjectionWish.Switch : ProjectionWish.Discard, CancellationToken.None);
        }

        await ProjectionsCommands.Until(register, [View], one => one.Rebuild is null, _ => { }, cancel);
        return wrong;
    }

    private static async Task Print(QuotaGround ground, ViewDiff one, string outcome, bool json, CancellationToken cancel)
    {
        var (account, replay) = (new AccountId(Guid.Parse(one.Key)), new QuotaReplay());
        await foreach (var happened in ground.Log.Read(QuotaDecider.StreamOf(account).Name, 0, cancel))
            replay.Hear(happened);
        var found = one.Live?.Value is { } value ? JsonSerializer.Deserialize<Balance>(value, JsonSerializerOptions.Web) : null;
        if (replay.Version == 0)
            Print(account, new QuotaDeparture("view", new QuotaStep(0, 0, "none"), found, replay.State.Balance), outcome, json);
        else
            Print(account, replay.Compare("view", found ?? replay.State.Balance with { UsedBytes = -1 }, one.Shadow?.Position ?? long.MaxValue) with { Found = found }, outcome, json);
    }

    private static void Print(AccountId account, QuotaDeparture departure, string outcome, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { account, departure.Kept, departure.At, departure.Found, departure.Right, outcome }, JsonSerializerOptions.Web));
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"account {account}: the {departure.Kept} departs at event {departure.At.Version} of its stream, {departure.At.Name} at position {departure.At.Position}"));
        Console.WriteLine($"  kept  {(departure.Found is { } found ? Words(found) : "other sources, or nothing that can be read")}");
        Console.WriteLine($"  right {Words(departure.Right)}");
        if (outcome.Length > 0)
            Console.WriteLine($"  {outcome}");
    }

    private static void Print(QuotaView space, bool json) => Console.WriteLine(json
        ? JsonSerializer.Serialize(space, JsonSerializerOptions.Web)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{space.Account}  {Words(new Balance(space.LimitBytes, space.UsedBytes, space.ReservedBytes, space.Files))}{Rule("soft limit", space.SoftLimitBytes)}{Rule("most files", space.MaxFiles)}{Rule("largest file", space.MaxFileBytes)}{(space.WarnedPercent > 0 ? $", {space.WarnedPercent} % reached" : "")}"));

    private static string Rule(string name, long? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $", {name} {number:N0}") : "";

    private static string Words(Balance balance) => string.Create(
        CultureInfo.InvariantCulture,
        $"{balance.UsedBytes:N0} of {balance.LimitBytes:N0} bytes used, {balance.ReservedBytes:N0} set aside, {balance.Files:N0} files");

    private static Option<Guid?> Account(bool isRequired) => new("--account") { Description = "The account's id", HelpName = "ID", Required = isRequired };

    private static Option<T> Number<T>(string name, string description, bool isRequired = false)
    {
        var option = new Option<T>(name) { Description = description, HelpName = "N", Required = isRequired };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<T>() is { } value && Convert.ToInt64(value, CultureInfo.InvariantCulture) is < 0 or > 1L << 60)
                given.AddError($"{name} is a number from 0 to 2^60.");
        });
        return option;
    }

    private static async Task<int> On(Product product, Settings settings, Func<QuotaGround, Task<int>> act, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        return await act(new QuotaGround(database, services.GetRequiredService<IStreams>(), new KeptStates(database.Source)));
    }

    private sealed record QuotaGround(OperatorDatabase Database, IStreams Log, KeptStates Kept)
    {
        public bool IsServed => Database.IsServed;

        public async Task<IReadOnlyList<StreamId>> Streams(Guid? account, CancellationToken cancel) => account is { } id
            ? [QuotaDecider.StreamOf(new AccountId(id))]
            : await Kept.StreamsOf("quota", cancel);

        public async Task<bool> IsAccount(AccountId account, CancellationToken cancel) =>
            await Log.Read($"account-{account}", 0, cancel).FirstOrDefaultAsync(cancel) is not null;
    }
}
