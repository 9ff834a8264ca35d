using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>Ownership goes from one account to another, with history, versions, links and shares, and space with it.</summary>
public sealed class HandoverJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    private static readonly (string, string)[] Hurried = [("Erasure__SettleAfter", "00:00:00"), ("Erasure__Every", "00:00:01")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_goes_over_takes_all_that_is_told_of_it_along_and_is_gone_with_its_new_owner_alone(bool isBucket)
    {
        var env = isBucket ? servers.EnvFileWith(Hurried) : null;
        await using var server = env is not null ? await Server.StartOn(env) : await Server.Start(null, Hurried);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var eve = await Person.Register(server.Address, "Eve");
        await A_folder_goes_over_while_others_bring_files(server, ada);
        var (first, second) = (RandomNumberGenerator.GetBytes(70_000), RandomNumberGenerator.GetBytes(200_000));
        var file = await olga.Keep("plans.bin", first);
        await olga.Patch($"api/files/{file}/versions/1", new { label = "Draft of Olga" }).Expect(204);
        await olga.Upload("plans.bin", second, null, ("onConflict", "newVersion")).Expect(202);
        var twin = await olga.Keep("twin.bin", second);
        await olga.Post($"api/files/{file}/shares", new { grantee = eve.Email, role = "viewer" }).Expect(201);
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201);
        var link = (await olga.Post($"api/files/{file}/links").Expect(201).Json()).GetProperty("token").GetString();
        await ravi.Keep("plans.bin", [1, 2, 3]);
        await olga.Settled(file);
        Assert.Equal((270_000, 0, 2), await olga.Quota());
        var before = DateTimeOffset.UtcNow;

        await eve.Post($"api/files/{file}/transfer", new { to = eve.Email }).Problem(403, "files.not-allowed");
        await olga.Post($"api/files/{file}/transfer", new { to = olga.Id }).Problem(422, "handover.to-oneself");
        var offer = await olga.Post($"api/files/{file}/transfer", new { to = ravi.Email, keep = "viewer" }).Expect(201).Json();
        Assert.Equal(JsonValueKind.Null, offer.GetProperty("to").GetProperty("id").ValueKind);
        await olga.Post($"api/files/{file}/transfer", new { to = eve.Id }).Problem(409, "handover.pending");
        await eve.Get($"api/transfers/{offer.Id()}").Problem(404, "handover.not-found");
        await eve.Post($"api/transfers/{offer.Id()}/accept").Problem(404, "handover.not-found");
        var seen = Assert.Single((await ravi.Read("api/transfers")).GetProperty("items").EnumerateArray());
        Assert.Equal(("offered", "plans.bin", olga.Id), (
            seen.GetProperty("status").GetString(), seen.GetProperty("name").GetString(), seen.GetProperty("from").Id()));

        Assert.Equal(offer.Id(), Assert.Single((await olga.Read("api/transfers?direction=outgoing")).GetProperty("items").EnumerateArray()).Id());
        Assert.Empty((await olga.Read("api/transfers?direction=incoming")).GetProperty("items").EnumerateArray());
        await olga.Get("api/transfers?direction=sideways").Problem(422, "validation");

        // Too much for the recipient: nothing has happened.
        await ada.Put($"api/admin/accounts/{ravi.Id}/quota", new { limitBytes = 270_002 }).Expect(200);
        await ravi.Post($"api/transfers/{offer.Id()}/accept").Problem(507, "quota.exceeded");
        Assert.Equal((3, 0, 1), await ravi.Quota());
        await ada.Put($"api/admin/accounts/{ravi.Id}/quota", new { limitBytes = 270_003 }).Expect(200);
        await ravi.Post($"api/transfers/{offer.Id()}/accept").Expect(202);
        await ravi.Until($"api/transfers/{offer.Id()}", view => view.GetProperty("status").GetString() == "done");

        Assert.Equal((270_003, 0, 2), await ravi.Quota());
        Assert.Equal((200_000, 0, 1), await olga.Quota());
        var shown = await ravi.Read($"api/files/{file}");
        Assert.Equal(("plans (1).bin", ravi.Id, 2), (
            shown.GetProperty("name").GetString(), shown.GetProperty("folderId").GetGuid(), shown.GetProperty("version").GetInt32()));
        await Reads(ravi, file, first, second);
        var versions = (await ravi.Read($"api/files/{file}/versions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Contains(versions, version => version.GetProperty("label").GetString() == "Draft of Olga");
        Assert.Equal(second, await eve.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        Assert.Equal(second, await eve.Http.GetByteArrayAsync($"api/links/{link}/content", Cancel));
        Assert.Equal(second, await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        await olga.Patch($"api/files/{file}", new { name = "mine.bin" }).Problem(403, "files.not-allowed");
        await olga.Delete($"api/files/{file}").Problem(403, "files.not-allowed");
        Assert.DoesNotContain((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray(), entry => entry.Id() == file);
        Assert.Contains(
            (await olga.Read($"api/folders/root/children?asOf={Uri.EscapeDataString(before.ToString("O"))}")).GetProperty("items").EnumerateArray(),
            entry => entry.Id() == file);
        Assert.Equal(
            [eve.Email.ToUpperInvariant(), olga.Email.ToUpperInvariant()],
            (await ravi.Read($"api/files/{file}/shares")).GetProperty("items").EnumerateArray()
                .Select(share => share.GetProperty("grantee").GetProperty("email").GetString()!.ToUpperInvariant()).Order(StringComparer.Ordinal));
        var access = (await ravi.Read($"api/files/{file}/access")).GetProperty("people").EnumerateArray().ToList();
        Assert.Contains(access, span => span.GetProperty("who").Id() == olga.Id && span.GetProperty("role").GetString() == "owner");
        Assert.Contains(access, span => span.GetProperty("who").Id() == ravi.Id && span.GetProperty("role").GetString() == "owner");
        await server.Agrees(env);
        var verified = await server.RunHere(["quota", "verify", "--json", "--data", server.Data, .. env is null ? Array.Empty<string>() : ["--env-file", env]]);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);

        // The former owner goes: what went over stays, name and all. What they kept goes with them.
        await Erase(ada, olga);
        await Reads(ravi, file, first, second);
        shown = await ravi.Read($"api/files/{file}");
        Assert.Equal(("plans (1).bin", Convert.ToHexStringLower(SHA256.HashData(second))), (
            shown.GetProperty("name").GetString(), shown.GetProperty("sha256").GetString()));
        versions = [.. (await ravi.Read($"api/files/{file}/versions")).GetProperty("items").EnumerateArray()];
        Assert.Contains(versions, version => version.GetProperty("label").GetString() == "Draft of Olga");
        Assert.Equal(second, await eve.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        await ravi.Get($"api/files/{twin}").Problem(404, "files.not-found");
        Assert.Equal((270_003, 0, 2), await ravi.Quota());
        await server.Agrees(env);

        // And the new one goes: then it is gone.
        await Erase(ada, ravi);
        await eve.Get($"api/files/{file}").Problem(404, "files.not-found");
        await server.Agrees(env);
    }

    private static async Task A_folder_goes_over_while_others_bring_files(Server server, Person ada)
    {
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var eve = await Person.Register(server.Address, "Eve");
        await ada.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        var top = (await olga.Post("api/folders", new { name = "Case" }).Expect(201).Json()).Id();
        var inner = (await olga.Post("api/folders", new { name = "Inner", parentId = top }).Expect(201).Json()).Id();
        await olga.Post($"api/folders/{top}/shares", new { grantee = eve.Id, role = "editor" }).Expect(201);
        var files = new List<Guid>();
        foreach (var (folder, count) in new[] { (top, 5), (inner, 105) })
        {
            for (var number = 0; number < count; number++)
                files.Add((await olga.Upload($"{number}.bin", [(byte)number, 1], null, ("folderId", $"{folder}")).Expect(202).Json()).GetProperty("file").Id());
        }

        var held = files[^1];
        var hold = (await ada.Post("api/holds", new { kind = "file", targetId = held, reason = "Case 1" }).Expect(201).Json()).Id();
        await olga.Post($"api/files/{held}/transfer", new { to = ravi.Id }).Problem(409, "hold.stands");
        var offer = (await olga.Post($"api/folders/{top}/transfer", new { to = ravi.Id }).Expect(201).Json()).Id();
        await olga.Delete($"api/transfers/{offer}").Expect(204);
        await ravi.Post($"api/transfers/{offer}/accept").Problem(410, "handover.over");
        offer = (await olga.Post($"api/folders/{top}/transfer", new { to = ravi.Id, keep = "editor" }).Expect(201).Json()).Id();
        await ravi.Post($"api/transfers/{offer}/accept").Expect(202);
        // Meanwhile an editor brings files, and the recipient too: whosever they are, each is counted once.
        var brought = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            number => (number % 2 == 0 ? eve : ravi).Upload($"more {number}.bin", [(byte)number, 2, 3], null, ("folderId", $"{inner}"))));
        var view = await ravi.Until($"api/transfers/{offer}", seen => seen.GetProperty("status").GetString() is "done" or "incomplete");

        Assert.Equal("incomplete", view.GetProperty("status").GetString());
        var failure = Assert.Single(view.GetProperty("failures").EnumerateArray());
        Assert.Equal((held, "hold.stands"), (failure.Id(), failure.GetProperty("code").GetString()));
        Assert.Equal(olga.Id, (await olga.Read($"api/files/{held}")).GetProperty("folderId").GetGuid());
        var arrived = brought.Count(reply => (int)reply.StatusCode == 202);
        Assert.All(brought, reply => Assert.Contains((int)reply.StatusCode, new[] { 202, 403, 404 }));
        Assert.Equal((2, 0, 1), await olga.Quota());
        Assert.Equal((109 * 2 + arrived * 3, 0, 109 + arrived), await ravi.Quota());
        var children = (await ravi.Read($"api/folders/{inner}/children?limit=1000")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(104 + arrived, children.Count);
        // What was kept is kept for all of it, and no more than that.
        await olga.Patch($"api/files/{files[0]}", new { name = "renamed.bin" }).Expect(200);
        await olga.Delete($"api/files/{files[0]}").Problem(403, "files.not-allowed");
        await ravi.Patch($"api/folders/{inner}", new { name = "Now Ravi's" }).Expect(200);
        await olga.Upload("late.bin", [9], null, ("folderId", $"{inner}")).Expect(202);
        Assert.Equal(110 + arrived, (await ravi.Quota()).Files);
        await ada.Post($"api/holds/{hold}/lift", new { reason = "Closed" }).Expect(200);
        await ravi.Delete($"api/folders/{top}?recursive=true").Expect(202);
    }

    [Fact]
    public async Task A_folder_that_goes_over_stays_open_to_whom_it_was_shared_with_until_its_new_owner_says_otherwise()
    {
        await using var server = await Server.Start(null);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var eve = await Person.Register(server.Address, "Eve");
        using var mei = await Person.Register(server.Address, "Mei");
        using var noor = await Person.Register(server.Address, "Noor");
        using var anybody = new HttpClient { BaseAddress = server.Address };
        var top = (await olga.Post("api/folders", new { name = "Case" }).Expect(201).Json()).Id();
        var inner = (await olga.Post("api/folders", new { name = "Inner", parentId = top }).Expect(201).Json()).Id();
        var content = RandomNumberGenerator.GetBytes(1_000);
        var file = (await olga.Upload("plan.bin", content, null, ("folderId", $"{inner}")).Expect(202).Json()).GetProperty("file").Id();
        var team = (await olga.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await olga.Post($"api/groups/{team}/members", new { member = noor.Email }).Expect(200);
        // A person, an address, whoever is to have it, and of what is below, a group.
        var evesShare = await Share(olga, top, eve.Id, "viewer");
        var meisShare = await Share(olga, top, mei.Email, "editor");
        await Share(olga, top, ravi.Id, "viewer");
        var teamsShare = await Share(olga, inner, team, "viewer");
        var link = await olga.Post($"api/files/{file}/links").Expect(201).Json();
        var inbox = await olga.Post($"api/folders/{top}/links", new { access = "upload" }).Expect(201).Json();

        var offer = (await olga.Post($"api/folders/{top}/transfer", new { to = ravi.Id, keep = "viewer" }).Expect(201).Json()).Id();
        await ravi.Post($"api/transfers/{offer}/accept").Expect(202);
        await ravi.Until($"api/transfers/{offer}", view => view.GetProperty("status").GetString() == "done");

        // All of them are let in as before, and by nobody else's leave than the new owner's.
        foreach (var reader in new[] { eve, mei, noor, olga })
            Assert.Equal(content, await reader.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        await mei.Patch($"api/files/{file}", new { name = "plans.bin" }).Expect(200);
        foreach (var viewer in new[] { eve, noor, olga })
            await viewer.Patch($"api/files/{file}", new { name = "mine.bin" }).Problem(403, "files.not-allowed");
        Assert.Equal(content, await anybody.GetByteArrayAsync(PathOf(link) + "/content", Cancel));
        await anybody.GetAsync(PathOf(inbox), Cancel).Problem(404, "share.no-such-link");
        // The former owner has what they kept, and what their group has.
        foreach (var (guest, on) in new (Person, Guid[])[] { (eve, [top]), (mei, [top]), (noor, [inner]), (olga, [top, inner]) })
        {
            var seen = (await guest.Read("api/shared-with-me")).GetProperty("items").EnumerateArray().ToList();
            Assert.Equal(on, seen.Select(entry => entry.GetProperty("folder").Id()));
            Assert.All(seen, entry => Assert.Equal(ravi.Id, entry.GetProperty("owner").Id()));
        }

        // The new owner sees what there is, and the former one sees and takes back nothing.
        var shares = await Shares(top);
        Assert.Equal(3, shares.Count);
        Assert.Equal(evesShare, Assert.Single(shares, share => share.GetProperty("grantee").Id() == eve.Id).Id());
        Assert.Equal(
            mei.Email, Assert.Single(shares, share => share.Id() == meisShare).GetProperty("grantee").GetProperty("email").GetString());
        var olgasShare = Assert.Single(shares, share => share.GetProperty("grantee").Id() == olga.Id).Id();
        Assert.Equal((teamsShare, team), (Assert.Single(await Shares(inner)).Id(), (await Shares(inner))[0].GetProperty("grantee").Id()));
        Assert.Equal(4, (await ravi.Read("api/shared-by-me")).GetProperty("items").GetArrayLength());
        Assert.Empty((await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
        Assert.Empty((await olga.Read("api/shared-by-me")).GetProperty("items").EnumerateArray());
        Assert.Empty((await olga.Read("api/shared-by-me/links")).GetProperty("items").EnumerateArray());
        Assert.Equal(link.Id(), Assert.Single((await ravi.Read("api/shared-by-me/links")).GetProperty("items").EnumerateArray()).Id());
        await olga.Get($"api/folders/{top}/shares").Problem(403, "folders.not-allowed");
        await olga.Post($"api/folders/{top}/shares", new { grantee = eve.Id, role = "editor" }).Problem(403, "folders.not-allowed");
        await olga.Delete($"api/shares/{evesShare}").Problem(404, "share.no-such-share");
        await olga.Delete($"api/links/{link.Id()}").Problem(404, "share.no-such-link");

        // Each is gone with the next request.
        foreach (var (guest, share) in new[] { (eve, evesShare), (mei, meisShare), (noor, teamsShare), (olga, olgasShare) })
        {
            await guest.Get($"api/files/{file}").Expect(200);
            await ravi.Delete($"api/shares/{share}").Expect(204);
            await guest.Get($"api/files/{file}").Problem(404, "files.not-found");
            Assert.Empty((await guest.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
        }

        await ravi.Delete($"api/links/{link.Id()}").Expect(204);
        await anybody.GetAsync(PathOf(link) + "/content", Cancel).Problem(404, "share.no-such-link");
        Assert.Equal(content, await ravi.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));

        async Task<List<JsonElement>> Shares(Guid folder) =>
            [.. (await ravi.Read($"api/folders/{folder}/shares")).GetProperty("items").EnumerateArray()];
    }

    [Fact]
    public async Task Of_sixteen_transfers_at_once_as_many_are_accepted_as_there_is_room_for()
    {
        await using var server = await Server.Start(null);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        await ada.Put($"api/admin/accounts/{ravi.Id}/quota", new { limitBytes = 5_000 }).Expect(200);
        var offers = new List<Guid>();
        for (var number = 0; number < 16; number++)
        {
            var file = await olga.Keep($"{number}.bin", [(byte)number, .. new byte[999]]);
            offers.Add((await olga.Post($"api/files/{file}/transfer", new { to = ravi.Id }).Expect(201).Json()).Id());
        }

        var replies = await Task.WhenAll(offers.Select(offer => ravi.Post($"api/transfers/{offer}/accept")));
        Assert.Equal(5, replies.Count(reply => (int)reply.StatusCode == 202));
        foreach (var refused in replies.Where(reply => (int)reply.StatusCode != 202))
            await refused.Problem(507, "quota.exceeded");
        foreach (var (offer, reply) in offers.Zip(replies).Where(pair => (int)pair.Second.StatusCode == 202))
            await ravi.Until($"api/transfers/{offer}", view => view.GetProperty("status").GetString() == "done");
        Assert.Equal((5_000, 0, 5), await ravi.Quota());
        Assert.Equal((11_000, 0, 11), await olga.Quota());
        await server.Agrees(null);
    }

    [Fact]
    public async Task What_went_over_is_erased_with_all_that_was_told_of_it_under_either_owner()
    {
        await using var server = await Server.Start(null, [.. Hurried, ("Erasure__RebuildEvery", "00:00:00")]);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var eve = await Person.Register(server.Address, "Eve");
        var file = await FileErasureJourneyTests.MarkedFile.Live(olga, eve);
        var letter = await olga.Keep("letter.txt", "of Olga"u8.ToArray(), "text/plain");
        var draft = await olga.Keep("draft.txt", "of Olga, too"u8.ToArray(), "text/plain");
        foreach (var given in new[] { file.Id, letter, draft })
            await Gives(olga, given, ravi);
        await Gives(ravi, draft, eve);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        Task<long> Told(Guid of, Person under) => Drill.Count(
            database, $"select count(*) from eventfiles.event_private p join mt_events e using (seq_id) where position('{of}' in e.stream_id) > 0 and p.tenant_id = '{under.Id}'");
        Assert.All(new[] { await Told(file.Id, olga), await Told(file.Id, ravi), await Told(letter, olga), await Told(letter, ravi) }, told => Assert.NotEqual(0, told));

        // The file, by whom it went to: what its former owner has of the same bytes stays, and the receipt says so.
        await olga.Post($"api/files/{file.Id}/erasure", new { ground = "objection" }).Problem(404, "files.not-found");
        await file.Erase(ravi);
        await Drill.AssertProven(server.Address, await file.Receipt(server.Address, "A", originals: 3));
        await Drill.AssertTablesTellNothing(database, [.. file.Canaries]);
        Assert.Equal((0, 0), (await Told(file.Id, olga), await Told(file.Id, ravi)));
        await file.CannotComeBack(ravi, eve);
        await file.SiblingsAreWhole(olga);
        await server.Agrees(null);

        // The person: what they received goes, and what they gave away stays.
        await Erase(ada, ravi);
        Assert.Equal((0, 0), (await Told(letter, olga), await Told(letter, ravi)));
        Assert.Equal("of Olga, too", await eve.Http.GetStringAsync($"api/files/{draft}/content", Cancel));
        Assert.Equal("draft.txt", (await eve.Read($"api/files/{draft}")).GetProperty("name").GetString());
        await file.SiblingsAreWhole(olga);
        await Erase(ada, olga);
        Assert.Equal((0, 0), (await Told(draft, olga), await Told(draft, ravi)));
        Assert.Equal("draft.txt", (await eve.Read($"api/files/{draft}")).GetProperty("name").GetString());
        await server.Agrees(null);
    }

    [Fact]
    public async Task What_and_who_is_to_be_erased_and_who_is_disabled_neither_gives_nor_takes()
    {
        await using var server = await Server.Start(null);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var eve = await Person.Register(server.Address, "Eve");
        var folder = (await olga.Post("api/folders", new { name = "Case" }).Expect(201).Json()).Id();
        var file = (await olga.Upload("plan.txt", "a plan"u8.ToArray(), "text/plain", ("folderId", $"{folder}")).Expect(202).Json()).GetProperty("file").Id();
        var other = await olga.Keep("other.txt", "another"u8.ToArray(), "text/plain");
        var offer = (await olga.Post($"api/files/{file}/transfer", new { to = ravi.Id }).Expect(201).Json()).Id();

        // The file.
        var erasure = await Asked(olga, $"api/files/{file}/erasure");
        await olga.Post($"api/files/{file}/transfer", new { to = ravi.Id }).Problem(409, "handover.to-be-erased");
        await ravi.Post($"api/transfers/{offer}/accept").Problem(409, "handover.to-be-erased");
        // In a folder that goes over it stays where its owner finds it.
        var all = (await olga.Post($"api/folders/{folder}/transfer", new { to = ravi.Id }).Expect(201).Json()).Id();
        await ravi.Post($"api/transfers/{all}/accept").Expect(202);
        var view = await ravi.Until($"api/transfers/{all}", seen => seen.GetProperty("status").GetString() == "incomplete");
        Assert.Equal((file, "handover.to-be-erased"), (
            view.GetProperty("failures")[0].Id(), view.GetProperty("failures")[0].GetProperty("code").GetString()));
        Assert.Equal((olga.Id, (0, 0, 0)), ((await olga.Read($"api/files/{file}")).GetProperty("folderId").GetGuid(), await ravi.Quota()));
        await olga.Delete($"api/erasures/{erasure}").Expect(200);

        // Its owner, and the recipient: of an address nobody learns that.
        erasure = await Asked(ada, $"api/admin/accounts/{olga.Id}/erasure");
        await olga.Post($"api/files/{other}/transfer", new { to = ravi.Id }).Problem(409, "handover.to-be-erased");
        await ravi.Post($"api/transfers/{offer}/accept").Problem(409, "handover.to-be-erased");
        await olga.Delete($"api/erasures/{erasure}").Expect(200);
        erasure = await Asked(ada, $"api/admin/accounts/{ravi.Id}/erasure");
        await olga.Post($"api/files/{other}/transfer", new { to = ravi.Id }).Problem(409, "handover.to-be-erased");
        await ravi.Post($"api/transfers/{offer}/accept").Problem(409, "handover.to-be-erased");
        var blind = (await olga.Post($"api/files/{other}/transfer", new { to = ravi.Email }).Expect(201).Json()).Id();
        await olga.Until($"api/transfers/{blind}", _ => true, mayBeMissing: true);
        await ravi.Get($"api/transfers/{blind}").Problem(404, "handover.not-found");
        await olga.Delete($"api/transfers/{blind}").Expect(204);
        await ravi.Delete($"api/erasures/{erasure}").Expect(200);

        await ada.Put($"api/admin/accounts/{eve.Id}/disabled", new { }).Expect(204);
        await olga.Post($"api/files/{other}/transfer", new { to = eve.Id }).Problem(422, "handover.no-such-account");
        await ravi.Post($"api/transfers/{offer}/accept").Expect(202);
        await ravi.Until($"api/transfers/{offer}", seen => seen.GetProperty("status").GetString() == "done");
    }

    private static async Task<Guid> Share(Person owner, Guid folder, object grantee, string role) =>
        (await owner.Post($"api/folders/{folder}/shares", new { grantee, role }).Expect(201).Json()).Id();

    private static string PathOf(JsonElement link) => $"api/links/{link.GetProperty("token").GetString()}";

    private static async Task<Guid> Asked(Person by, string path) =>
        (await by.Post(path, new { ground = "objection" }).Expect(202).Json()).GetProperty("erasure").Id();

    private static async Task Gives(Person from, Guid file, Person to)
    {
        var offer = (await from.Post($"api/files/{file}/transfer", new { to = to.Id }).Expect(201).Json()).Id();
        await to.Until($"api/transfers/{offer}", _ => true, mayBeMissing: true);
        await to.Post($"api/transfers/{offer}/accept").Expect(202);
        await to.Until($"api/transfers/{offer}", view => view.GetProperty("status").GetString() == "done");
    }

    private static async Task Reads(Person who, Guid file, byte[] first, byte[] second)
    {
        Assert.Equal(second, await who.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        Assert.Equal(first, await who.Http.GetByteArrayAsync($"api/files/{file}/content?version=1", Cancel));
    }

    private static async Task Erase(Person admin, Person who)
    {
        var erasure = (await admin.Post($"api/admin/accounts/{who.Id}/erasure", new { ground = "objection", immediately = true }).Expect(202).Json())
            .GetProperty("erasure").Id();
        await admin.Until($"api/erasures/{erasure}", view => view.GetProperty("status").GetString() == "erased");
    }
}
