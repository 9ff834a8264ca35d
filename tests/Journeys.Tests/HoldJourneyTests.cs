namespace EventFiles.Journeys.Tests;

/// <summary>What an auditor holds, nobody deletes.</summary>
public class HoldJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_hold_wins_over_every_deletion_until_it_is_lifted()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        var file = await olga.Keep("plan.txt", new byte[10]);
        await olga.Upload("plan.txt", new byte[20], null, ("onConflict", "newVersion")).Expect(202);
        var hold = await Place(ada, "file", file, "Case 2026/117").Expect(201).Json();
        Assert.Equal((olga.Id, ada.Id), (hold.GetProperty("ownerId").GetGuid(), hold.GetProperty("placedBy").GetGuid()));

        var refused = await olga.Delete($"api/files/{file}?permanent=true");
        Assert.DoesNotContain("117", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await refused.Problem(409, "hold.stands");
        await olga.Delete($"api/files/{file}/versions/1").Problem(409, "hold.stands");
        Assert.True((await olga.Read($"api/files/{file}/hold")).GetProperty("isHeld").GetBoolean());

        // In the trash nothing is lost: there and back it may go, and no further.
        await olga.Delete($"api/files/{file}").Expect(202);
        await olga.Delete("api/trash").Problem(409, "hold.stands");
        await olga.Delete($"api/files/{file}?permanent=true").Problem(409, "hold.stands");
        var other = await olga.Keep("other.txt", new byte[5]);
        await olga.Delete($"api/files/{other}").Expect(202);
        var emptied = await olga.Delete("api/trash").Expect(202).Json();
        Assert.Equal((1, 1), (emptied.GetProperty("files").GetInt32(), emptied.GetProperty("kept").GetInt32()));
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 30);
        await olga.Post($"api/files/{file}/restore").Expect(200);
        Assert.Equal(new byte[20], await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));

        var lifted = await ada.Post($"api/holds/{hold.Id()}/lift", new { reason = "Closed" }).Expect(200).Json();
        Assert.Equal("Closed", lifted.GetProperty("liftReason").GetString());
        await ada.Post($"api/holds/{hold.Id()}/lift", new { reason = "Closed" }).Expect(200);
        Assert.False((await olga.Read($"api/files/{file}/hold")).GetProperty("isHeld").GetBoolean());
        await olga.Delete($"api/files/{file}/versions/1").Expect(202);
        await olga.Delete($"api/files/{file}?permanent=true").Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        await Place(ada, "file", file, "Case 2026/118").Problem(404, "hold.no-such-target");
    }

    [Fact]
    public async Task A_hold_on_a_folder_covers_what_is_below_and_nothing_slips_out_from_under_it()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        var outer = (await olga.Post("api/folders", new { name = "Outer" }).Expect(201).Json()).Id();
        var inner = (await olga.Post("api/folders", new { name = "Inner", parentId = outer }).Expect(201).Json()).Id();
        var file = (await olga.Upload("plan.txt", new byte[10], null, ("folderId", $"{inner}")).Expect(202).Json()).GetProperty("file").Id();
        var free = await olga.Keep("free.txt", new byte[10]);
        await Place(ada, "folder", outer, "Case 1").Expect(201);

        await olga.Delete($"api/files/{file}?permanent=true").Problem(409, "hold.stands");
        await olga.Patch($"api/files/{file}", new { folderId = olga.Id }).Problem(409, "hold.stands");
        await olga.Patch($"api/folders/{inner}", new { parentId = olga.Id }).Problem(409, "hold.stands");
        await olga.Patch($"api/files/{file}", new { folderId = outer }).Expect(200);
        await olga.Patch($"api/folders/{outer}", new { name = "Renamed" }).Expect(200);
        await olga.Delete($"api/folders/{inner}").Problem(409, "hold.stands");
        // What comes into the folder is held from then on, and the folder itself may move with its hold.
        var target = (await olga.Post("api/folders", new { name = "Target" }).Expect(201).Json()).Id();
        await olga.Patch($"api/folders/{outer}", new { parentId = target }).Expect(200);
        await olga.Patch($"api/files/{free}", new { folderId = inner }).Expect(200);
        await olga.Delete($"api/files/{free}?permanent=true").Problem(409, "hold.stands");
        await olga.Delete($"api/files/{free}").Expect(202);
        await olga.Delete("api/trash").Problem(409, "hold.stands");
    }

    [Fact]
    public async Task A_hold_on_an_account_covers_all_of_it_and_nothing_of_others()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var ada = await Auditor();
        var (hers, his) = (await olga.Keep("plan.txt", new byte[10]), await ravi.Keep("plan.txt", new byte[10]));
        await Place(ada, "account", olga.Id, "Case 1").Expect(201);

        await olga.Delete($"api/files/{hers}?permanent=true").Problem(409, "hold.stands");
        await ravi.Delete($"api/files/{his}?permanent=true").Expect(202);
    }

    [Fact]
    public async Task Of_a_hold_and_a_deletion_at_once_one_is_first_and_the_other_is_told_so()
    {
        using var olga = await Somebody("Olga");
        using var ada = await Auditor();
        var won = 0;
        for (var round = 0; round < 20; round++)
        {
            var file = await olga.Keep($"{round}.txt", new byte[10]);
            var (placing, deletion) = (Place(ada, "file", file, "Case 1"), olga.Delete($"api/files/{file}?permanent=true"));
            var (placed, deleted) = (await placing, await deletion);
            if ((int)placed.StatusCode == 201)
            {
                won++;
                await deleted.Problem(409, "hold.stands");
                Assert.Equal(new byte[10], await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
                continue;
            }

            await deleted.Expect(202);
            Assert.Contains((int)placed.StatusCode, new[] { 404, 410 });
        }

        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == won);
    }

    [Fact]
    public async Task Only_an_auditor_holds_and_only_an_administrator_names_one()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var ada = await Auditor();
        var file = await olga.Keep("plan.txt", new byte[10]);
        await Place(olga, "file", file, "mine").Problem(403, "hold.auditors-only");
        await Place(fixture.Administrator, "file", file, "mine").Problem(403, "hold.auditors-only");
        await olga.Get("api/holds").Problem(403, "hold.auditors-only");
        await olga.Put($"api/admin/accounts/{olga.Id}/auditor", new { }).Problem(403, "accounts.administrators-only");
        await fixture.Administrator.Put($"api/admin/accounts/{Guid.CreateVersion7()}/auditor", new { }).Problem(404, "accounts.no-such-account");
        await ravi.Get($"api/files/{file}/hold").Problem(404, "files.not-found");
        // An auditor opens nothing.
        await ada.Get($"api/files/{file}").Problem(404, "files.not-found");
        await Place(ada, "file", Guid.CreateVersion7(), "x").Problem(404, "hold.no-such-target");
        await Place(ada, "folder", Guid.CreateVersion7(), "x").Problem(404, "hold.no-such-target");
        await Place(ada, "file", file, " ").Problem(422, "validation");
        await ada.Post($"api/holds/{Guid.CreateVersion7()}/lift", new { reason = "x" }).Problem(404, "hold.no-such-hold");

        var hold = await Place(ada, "file", file, "Case 1").Expect(201).Json();
        Assert.True((await ada.Read("api/me")).GetProperty("isAuditor").GetBoolean());
        Assert.Contains((await ada.Read("api/holds")).GetProperty("items").EnumerateArray(), one => one.Id() == hold.Id());
        await fixture.Administrator.Delete($"api/admin/accounts/{ada.Id}/auditor").Expect(204);
        await ada.Post($"api/holds/{hold.Id()}/lift", new { reason = "x" }).Problem(403, "hold.auditors-only");
        await olga.Delete($"api/files/{file}?permanent=true").Problem(409, "hold.stands");
    }

    private static Task<HttpResponseMessage> Place(Person auditor, string kind, Guid target, string reason) =>
        auditor.Post("api/holds", new { kind, targetId = target, reason });

    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    private async Task<Person> Auditor()
    {
        var ada = await Somebody("Ada");
        await fixture.Administrator.Put($"api/admin/accounts/{ada.Id}/auditor", new { }).Expect(204);
        return ada;
    }
}
