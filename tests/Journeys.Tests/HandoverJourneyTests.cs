using System.Security.Cryptography;
using System.Text.Json;

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
