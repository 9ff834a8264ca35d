using System.Globalization;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// Who may call what: every operation of the API document, by eleven principals, on what is there and on what is not. An
/// operation without a row fails here.
/// </summary>
public sealed class AuthorisationMatrixTests(ServerFixture fixture)
{
    private const string Nowhere = "0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47";

    private static readonly string[] Principals =
        ["anonymous", "link holder", "viewer", "commenter", "member", "editor", "uploader", "stranger", "administrator", "auditor", "owner"];

    // What each principal gets, in their order: a status, or yes for whatever is no refusal of authorisation.
    private static readonly Dictionary<string, string> Rules = new(StringComparer.Ordinal)
    {
        ["everybody"] = "yes yes yes yes yes yes yes yes yes yes yes",
        // For those who come with a secret of another kind, or to get one: no caller makes a difference.
        ["open"] = "any any skip skip skip skip skip skip skip skip skip",
        ["signed-in"] = "401 401 yes yes yes yes yes yes yes yes yes",
        // The administrator's other sessions are those of the other tests.
        ["own sessions"] = "401 401 yes yes yes yes yes yes skip yes yes",
        ["administrator"] = "401 401 403 403 403 403 403 403 yes 403 403",
        ["administrator's none"] = "401 401 403 403 403 403 403 403 404 403 403",
        ["auditor"] = "401 401 403 403 403 403 403 403 403 yes 403",
        ["auditor's none"] = "401 401 403 403 403 403 403 403 403 404 403",
        ["prover's none"] = "401 401 403 403 403 403 403 403 404 404 403",
        // Where content is encrypted nobody is sent past it, and everybody is told so.
        ["switched off"] = "401 401 409 409 409 409 409 409 409 409 409",
        ["file.read"] = "401 401 yes yes yes yes 404 404 404 404 yes",
        ["file.edit"] = "401 401 403 403 403 yes 404 404 404 404 yes",
        ["file.own"] = "401 401 403 403 403 403 404 404 404 404 yes",
        ["file.own or administrator"] = "401 401 403 403 403 403 404 404 yes 404 yes",
        ["file.past"] = "401 401 403 403 403 403 404 404 404 yes yes",
        ["folder.know"] = "401 401 yes yes yes yes yes 404 404 404 yes",
        ["folder.read"] = "401 401 yes yes yes yes 403 404 404 404 yes",
        ["folder.own"] = "401 401 403 403 403 403 403 404 404 404 yes",
        ["owner"] = "401 401 404 404 404 404 404 404 404 404 yes",
        ["grantee"] = "401 401 yes 404 404 404 404 404 404 404 yes",
        ["group.read"] = "401 401 404 404 yes 404 404 404 404 404 yes",
        ["group.own"] = "401 401 404 404 403 404 404 404 404 404 yes",
        ["acquainted"] = "401 401 yes yes yes yes yes 404 404 404 yes",
        ["nobody's"] = "401 401 404 404 404 404 404 404 404 404 404",
    };

    // Operation, rule, what it is about. {file} and the like stand for a new one each time; the body is JSON.
    private static readonly string[] Rows =
    [
        "register | open", "login | open", "refreshTokens | open", "logout | open", "openWebSession | open",
        "closeWebSession | open", "isLive | everybody", "isReady | everybody", "getSigningKeys | everybody", "describeResumableUploads | everybody",
        "readLink | everybody | {link}", "downloadLink | everybody | {link}", "readLinkThumbnail | everybody | {link}",
        "uploadByLink | everybody | {inbox}",
        "putPart | open | nothing",

        // Before strangers are taken into a group.
        "getAvatar | acquainted | {owner}", "changeAvatar | signed-in", "removeAvatar | signed-in", "findPeople | signed-in",
        "getMe | signed-in", "changeMe | signed-in", "changePassword | signed-in", "listSessions | signed-in",
        "endSession | nobody's | " + Nowhere, "endOtherSessions | own sessions",
        "getSignInWays | everybody", "confirmEmail | open", "requestPasswordReset | open", "resetPassword | open",
        "changeEmail | signed-in", "sendEmailConfirmation | signed-in",
        "prepareSecondFactor | signed-in", "confirmSecondFactor | signed-in", "removeSecondFactor | signed-in",
        "preparePasskey | signed-in", "addPasskey | signed-in", "listPasskeys | signed-in",
        "renamePasskey | nobody's | " + Nowhere + " | {\"name\":\"x\"}", "removePasskey | nobody's | " + Nowhere,
        "beginPasskey | everybody", "loginByPasskey | open", "openWebSessionByPasskey | open",
        "issueToken | signed-in", "listTokens | signed-in", "revokeToken | nobody's | " + Nowhere,
        "getQuota | signed-in", "explainQuota | signed-in", "listTrash | signed-in", "emptyTrash | signed-in",
        "listFavourites | signed-in", "readMarks | signed-in | | {\"entries\":[]}", "listTags | signed-in", "createTag | signed-in",
        "listSharedWithMe | signed-in", "listSharedByMe | signed-in", "checkPermissions | signed-in | | {\"checks\":[]}",
        "listGroups | signed-in", "createGroup | signed-in", "listProcessors | signed-in", "readDirectTerms | signed-in",
        "followChanges | signed-in",
        "bulk | signed-in", "selectArchive | signed-in",

        "getFile | file.read | {file}", "getFileStatus | file.read | {file}", "getFileContent | file.read | {file}",
        "getFileVariant | file.read | {picture}", "listFileVersions | file.read | {file}", "copyFile | file.read | {file} | {}",
        "favourFile | file.read | {file}", "unfavourFile | signed-in | {file}",
        "changeFile | file.edit | {file} | {\"name\":\"renamed.txt\"}", "processFile | file.edit | {file} | {\"processor\":\"thumbnail\"}",
        "restoreFileVersion | file.edit | {twice}", "labelFileVersion | file.edit | {file} | {\"label\":\"kept\"}",
        "deleteFileVersion | file.own | {twice}",
        "listFileVariants | file.read | {file}", "rerunFile | file.edit | {file} | {}", "rerunFiles | administrator | | {\"where\":{\"stale\":true},\"dryRun\":true}",
        "renderFile | file.read | {picture}", "createRenderLink | file.read | {picture} | {\"width\":64}", "readRenderLink | open | nothing",
        "getFileHistory | file.own | {file}", "getFileHold | file.own | {file}",
        "getFileAccess | file.past | {file}", "listShares | file.own | {file}", "shareFile | file.own | {file} | {\"grantee\":\"{owner}\",\"role\":\"viewer\"}",
        "listLinks | file.own | {file}", "createLink | file.own | {file} | {}",
        "listFolderLinks | folder.own | {folder}", "createFolderLink | folder.own | {folder} | {\"access\":\"upload\"}", "listOwnLinks | signed-in",
        "transferFile | file.own | {file} | {\"to\":\"{stranger}\"}", "transferFolder | folder.own | {folder} | {\"to\":\"{stranger}\"}",
        "listTransfers | signed-in", "getTransfer | nobody's | " + Nowhere, "acceptTransfer | nobody's | " + Nowhere + " | {}",
        "declineTransfer | nobody's | " + Nowhere, "withdrawTransfer | nobody's | " + Nowhere,
        "deleteFile | file.own | {file}", "restoreFile | file.own | {file}",
        "tagFile | owner | {file}+{tag}", "untagFile | owner | {file}+{tag}",

        "getFolder | folder.know | {folder}", "listChildren | folder.read | {folder}",
        "listFolderShares | folder.own | {folder}", "shareFolder | folder.own | {folder} | {\"grantee\":\"{owner}\",\"role\":\"viewer\"}",
        "changeFolder | folder.own | {folder} | {\"name\":\"Renamed {n}\"}", "deleteFolder | folder.own | {folder}",
        "createFolder | signed-in | | {\"name\":\"Folder {n}\"}",
        "restoreFolder | owner | {trashed}", "copyFolder | owner | {folder} | {}", "getFolderArchive | folder.read | {folder}",
        "getFolderRetention | owner | {folder}", "setFolderRetention | owner | {folder} | {\"keepVersions\":5}", "removeFolderRetention | owner | {folder}",
        "favourFolder | owner | {folder}", "unfavourFolder | signed-in | {folder}",
        "tagFolder | owner | {folder}+{tag}", "untagFolder | owner | {folder}+{tag}",

        "revokeShare | grantee | {share}", "revokeLink | owner | {linkId}",
        "getGroup | group.read | {group}", "renameGroup | group.own | {group} | {\"name\":\"Renamed\"}",
        "admitMember | group.own | {group} | {\"member\":\"{stranger}\"}", "dismissMember | group.own | {group}+{stranger}",
        "deleteGroup | group.own | {group}",
        "openSpace | administrator | {group} | {\"name\":\"Plans\",\"limitBytes\":1000}", "getSpace | group.read | {space}",
        "changeSpace | administrator | {space} | {\"name\":\"Drafts\",\"limitBytes\":1000}", "closeSpace | administrator | {space}",
        "listSpaces | signed-in", "listAllGroups | administrator",
        "renameTag | owner | {tag} | {\"name\":\"Renamed {n}\"}", "deleteTag | owner | {tag}", "listTagged | owner | {tag}",
        "getArchive | nobody's | " + Nowhere, "getCopy | nobody's | " + Nowhere, "cancelCopy | nobody's | " + Nowhere,
        "getJob | nobody's | " + Nowhere,

        "uploadFile | signed-in", "createResumableUpload | signed-in", "beginDirectUpload | signed-in",
        "readResumableUpload | nobody's | nothing", "continueResumableUpload | nobody's | nothing",
        "cancelResumableUpload | nobody's | nothing", "readDirectUpload | nobody's | nothing", "addressParts | switched off | nothing",
        "completeDirectUpload | nobody's | nothing | {}", "cancelDirectUpload | nobody's | nothing",

        "searchFiles | signed-in", "getScanner | administrator", "listScans | administrator", "orderRescan | administrator | | {}",
        "releaseFile | administrator's none | " + Nowhere + " | {\"version\":1,\"reason\":\"x\"}",
        "eraseMe | signed-in", "eraseAccount | administrator's none | " + Nowhere + " | {\"ground\":\"objection\"}",
        "eraseFile | file.own or administrator | {file} | {\"ground\":\"objection\"}",
        "exportMe | signed-in", "getMyExport | signed-in", "getExport | owner | {export}", "getExportContent | owner | {export}",
        "deleteExport | owner | {export}",
        "cancelErasure | nobody's | " + Nowhere, "getErasure | open | " + Nowhere, "getErasureReceipt | open | " + Nowhere,
        "getCheckpoint | open", "getCheckpointKey | everybody", "getTile | open | nothing",
        "getTileEntries | prover's none | nothing", "proveEvent | prover's none | " + Nowhere,
        "listAuditEvents | auditor", "exportAuditEvents | auditor", "getAuditCauses | auditor's none | " + Nowhere,
        "placeHold | auditor | | {\"kind\":\"file\",\"targetId\":\"{file}\",\"reason\":\"x\"}", "listHolds | auditor",
        "getHold | auditor | {hold}", "liftHold | auditor | {hold} | {\"reason\":\"x\"}",

        "setAccountQuota | administrator | {stranger} | {\"limitBytes\":1000000000}",
        "getAccountQuota | administrator | {stranger}", "listQuotas | administrator",
        "nameAuditor | administrator | {auditor}", "dismissAuditor | administrator | {viewer}",
        "listAccounts | administrator", "getAccount | administrator | {viewer}", "resetSecondFactor | administrator | {viewer}",
        "disableAccount | administrator's none | " + Nowhere, "enableAccount | administrator's none | " + Nowhere,
        "appointAdministrator | administrator's none | " + Nowhere, "dismissAdministrator | administrator's none | " + Nowhere,
        "openServiceAccount | administrator | | {\"displayName\":\"Service {n}\"}",
        "issueServiceToken | administrator's none | " + Nowhere + " | {\"name\":\"x\",\"scopes\":[\"read\"]}",
        "listServiceTokens | administrator's none | " + Nowhere, "revokeServiceToken | nobody's | " + Nowhere,
        "invitePerson | administrator | | {\"email\":\"invited-{n}@example.org\"}", "listInvitations | administrator",
        "withdrawInvitation | administrator's none | " + Nowhere,
        "listProjections | administrator", "getProjection | administrator | files", "diffProjection | administrator's none | nothing",
        "rebuildProjection | administrator's none | nothing | {}", "listParkedEvents | administrator",
        "listDeadLetters | administrator", "getDeadLetter | administrator's none | " + Nowhere, "retryDeadLetter | administrator's none | " + Nowhere,
        "discardDeadLetter | administrator's none | " + Nowhere, "listQueues | administrator", "reconcileStorage | administrator | | {}",
        "switchProjection | administrator's none | nothing", "discardProjection | administrator's none | nothing",
        "pauseProjection | administrator's none | nothing", "resumeProjection | administrator's none | nothing",
        "retryParkedEvents | administrator's none | nothing",
    ];

    [Fact]
    public async Task Every_operation_has_a_row_and_everybody_gets_what_it_says()
    {
        await using var world = await World.Make(fixture);
        var operations = Operations(await world.Owner.Read("openapi/v1.json"));
        var rows = Rows.Select(Row.Parse).ToDictionary(row => row.Operation, StringComparer.Ordinal);
        Assert.Empty(operations.Keys.Except(rows.Keys).Select(missing => $"{missing} has no row: say who may."));
        Assert.Empty(rows.Keys.Except(operations.Keys).Select(gone => $"{gone} is no operation."));

        var complaints = new List<string>();
        foreach (var row in rows.Values)
            complaints.AddRange(await Complaints(world, row, operations[row.Operation]));
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    // The owner comes last: what they do to the thing, nobody else would find done.
    private static async Task<IReadOnlyList<string>> Complaints(World world, Row row, (string Method, string Path) at)
    {
        var expected = Rules[row.Rule].Split(' ');
        var calls = Principals.Select((who, number) => (Who: who, Says: expected[number])).Where(call => call.Says != "skip").ToList();
        var complaints = new List<string>();
        var shared = await world.Things(row.Target);
        var bodyOfAll = await world.Fill(row.Body);
        var refused = await Task.WhenAll(calls.SkipLast(1).Select(async call =>
        {
            var isOwn = call.Says == "yes" && at.Method != "GET";
            var (things, body) = isOwn ? (await world.Things(row.Target), await world.Fill(row.Body)) : (shared, bodyOfAll);
            return (call, Reply: await Call(world, call.Who, row, at, things, body));
        }));
        var last = calls[^1];
        foreach (var (call, reply) in refused.Append((last, await Call(world, last.Who, row, at, shared, bodyOfAll))))
        {
            if (!Fits(call.Says, reply.Status))
                complaints.Add($"{row.Operation} ({at.Method} {at.Path}), {call.Who}: {reply.Status} {reply.Problem}, not {call.Says}");
        }

        // Foreign and non-existing cannot be told apart.
        if (row.Target.Contains('{', StringComparison.Ordinal) && expected[7] == "404")
        {
            string[] nothing = [Nowhere, .. shared.Skip(1)];
            var foreign = refused[7].Reply;
            // A second thing that is the owner's own is found by them: then what they hear is another thing's.
            foreach (var who in shared.Count == 1 ? new[] { "stranger", "owner" } : ["stranger"])
            {
                var none = await Call(world, who, row, at, nothing, bodyOfAll);
                if (none != foreign)
                    complaints.Add($"{row.Operation}, {who}: nothing gives {none}, another's gives {foreign}");
            }
        }

        return complaints;
    }

    private static bool Fits(string says, int status) => says switch
    {
        "any" => status < 500,
        "yes" => status is < 500 and not (401 or 403 or 404),
        _ => status == int.Parse(says, CultureInfo.InvariantCulture),
    };

    private static async Task<Reply> Call(
        World world, string who, Row row, (string Method, string Path) at, IReadOnlyList<string> things, string body)
    {
        var path = at.Path;
        var next = 0;
        while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var begin)
        {
            var end = path.IndexOf('}', begin);
            var name = path[(begin + 1)..end];
            var value = name == "number" ? "1"
                : name == "name" && at.Path.Contains("variants", StringComparison.Ordinal) ? "thumbnail"
                : things[Math.Min(next++, things.Count - 1)];
            path = path[..begin] + Uri.EscapeDataString(value) + path[(end + 1)..];
        }

        if (row.Operation == "renderFile")
            path += "?w=64&format=webp";
        using var request = new HttpRequestMessage(new HttpMethod(at.Method), path.TrimStart('/'));
        request.Headers.Add("Tus-Resumable", "1.0.0");
        if (row.Operation == "continueResumableUpload")
        {
            request.Headers.Add("Upload-Offset", "0");
            request.Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/offset+octet-stream") } };
        }
        else if (body.Length > 0)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        if (who == "link holder" && Rules[row.Rule].StartsWith("401", StringComparison.Ordinal))
            request.Headers.Authorization = new("Bearer", world.LinkToken);
        using var reply = await world.Http(who).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var problem = "";
        // A reply to HEAD has the type of a body and no body.
        if (at.Method != "HEAD" && reply.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            var told = await reply.Json();
            problem = $"{told.GetProperty("type").GetString()} {told.GetProperty("detail").GetString()}";
        }

        return new Reply((int)reply.StatusCode, problem);
    }

    private static Dictionary<string, (string Method, string Path)> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()
                .Where(operation => operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("operationId", out _))
                .Select(operation => (Id: operation.Value.GetProperty("operationId").GetString()!, Method: operation.Name.ToUpperInvariant(), Path: path.Name)))
            .ToDictionary(operation => operation.Id, operation => (operation.Method, operation.Path), StringComparer.Ordinal);

    private sealed record Reply(int Status, string Problem);

    private sealed record Row(string Operation, string Rule, string Target, string Body)
    {
        public static Row Parse(string text)
        {
            var parts = text.Split('|', StringSplitOptions.TrimEntries);
            return new Row(parts[0], parts[1], parts.ElementAtOrDefault(2) ?? "", parts.ElementAtOrDefault(3) ?? "");
        }
    }

    /// <summary>Everybody, and what they are to one shared folder, in which everything is made that is asked about.</summary>
    private sealed class World(IReadOnlyDictionary<string, Person> people, HttpClient anonymous, Guid top) : IAsyncDisposable
    {
        private static readonly string[] Words =
        [
            "n", "owner", "stranger", "viewer", "auditor", "picture", "link", "file", "twice", "folder", "trashed", "tag", "share", "linkId",
            "group", "space", "hold", "inbox", "export",
        ];

        private int made;

        public Person Owner => people["owner"];

        public string LinkToken { get; private set; } = "";

        private Guid Picture { get; set; }

        public static async Task<World> Make(ServerFixture fixture)
        {
            var people = new Dictionary<string, Person>(StringComparer.Ordinal);
            foreach (var who in Principals.Except(["anonymous", "link holder", "administrator"]))
                people[who] = await Person.Register(fixture.Server.Address, who);
            people["administrator"] = fixture.Administrator;
            await fixture.Administrator.Put($"api/admin/accounts/{people["auditor"].Id}/auditor", new { }).Expect(204);
            var owner = people["owner"];
            var top = (await owner.Post("api/folders", new { name = "Top" }).Expect(201).Json()).Id();
            var group = (await owner.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
            await owner.Post($"api/groups/{group}/members", new { member = people["member"].Email }).Expect(200);
            foreach (var role in new[] { "viewer", "commenter", "editor", "uploader" })
                await owner.Post($"api/folders/{top}/shares", new { grantee = people[role].Email, role }).Expect(201);
            await owner.Post($"api/folders/{top}/shares", new { grantee = group, role = "viewer" }).Expect(201);
            var world = new World(people, new HttpClient { BaseAddress = fixture.Server.Address }, top)
            {
                Picture = (await owner.Upload("dusk.jpg", Samples.Picture, null, ("folderId", $"{top}")).Expect(202).Json()).GetProperty("file").Id(),
            };
            await owner.Settled(world.Picture);
            using var face = new ByteArrayContent(Samples.Picture);
            await owner.Http.PutAsync("api/me/avatar", face).Expect(200);
            world.LinkToken = await world.Link();
            return world;
        }

        public HttpClient Http(string who) => people.TryGetValue(who, out var person) ? person.Http : anonymous;

        public async Task<IReadOnlyList<string>> Things(string target)
        {
            var things = new List<string>();
            foreach (var word in target.Split('+'))
                things.Add(await Fill(word));
            return things;
        }

        /// <summary>Puts something new in the place of each word in braces that is one of ours; JSON has others.</summary>
        public async Task<string> Fill(string text)
        {
            foreach (var word in Words.Where(word => text.Contains($"{{{word}}}", StringComparison.Ordinal)))
                text = text.Replace($"{{{word}}}", await New(word), StringComparison.Ordinal);
            return text;
        }

        private async Task<string> New(string what)
        {
            var n = Interlocked.Increment(ref made);
            switch (what)
            {
                case "n": return $"{n}";
                case "owner" or "stranger" or "viewer" or "auditor": return $"{people[what].Id}";
                case "picture": return $"{Picture}";
                case "link": return await Link();
                case "inbox":
                    return (await Owner.Post($"api/folders/{await Folder(n)}/links", new { access = "upload" }).Expect(201).Json()).GetProperty("token").GetString()!;
                case "file": return $"{await File(n)}";
                case "twice":
                    var file = await File(n);
                    await Owner.Upload("x", new byte[7], null, ("fileId", $"{file}")).Expect(202);
                    return $"{file}";
                case "folder": return $"{await Folder(n)}";
                case "export":
                    // There is one at a time, and another one not so soon.
                    using (await Owner.Post("api/me/export"))
                        return $"{(await Owner.Read("api/me/export")).Id()}";
                case "trashed":
                    var folder = await Folder(n);
                    await Owner.Delete($"api/folders/{folder}?recursive=true").Expect(202);
                    return $"{folder}";
                case "tag": return $"{(await Owner.Post("api/tags", new { name = $"Tag {n}" }).Expect(201).Json()).Id()}";
                case "share":
                    return $"{(await Owner.Post($"api/files/{await File(n)}/shares", new { grantee = people["viewer"].Email, role = "viewer" }).Expect(201).Json()).Id()}";
                case "linkId": return $"{(await Owner.Post($"api/files/{await File(n)}/links").Expect(201).Json()).Id()}";
                case "group":
                    var team = (await Owner.Post("api/groups", new { name = $"Group {n}" }).Expect(201).Json()).Id();
                    await Owner.Post($"api/groups/{team}/members", new { member = people["member"].Email }).Expect(200);
                    return $"{team}";
                case "space":
                    var filled = await New("group");
                    await people["administrator"].Post($"api/groups/{filled}/space", new { name = "Plans", limitBytes = 1000 }).Expect(201);
                    return filled;
                case "hold":
                    var hold = new { kind = "file", targetId = await File(n), reason = "Case 1" };
                    return $"{(await people["auditor"].Post("api/holds", hold).Expect(201).Json()).Id()}";
                default: throw new InvalidOperationException($"Nobody makes a {what}.");
            }
        }

        private async Task<Guid> File(int n) =>
            (await Owner.Upload($"{n}.txt", [(byte)n, (byte)(n >> 8), 1], null, ("folderId", $"{top}")).Expect(202).Json()).GetProperty("file").Id();

        private async Task<Guid> Folder(int n) =>
            (await Owner.Post("api/folders", new { name = $"Folder of {n}", parentId = top }).Expect(201).Json()).Id();

        private async Task<string> Link() =>
            (await Owner.Post($"api/files/{Picture}/links").Expect(201).Json()).GetProperty("token").GetString()!;

        public ValueTask DisposeAsync()
        {
            foreach (var person in people.Where(one => one.Key != "administrator"))
                person.Value.Dispose();
            anonymous.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
