using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Verify;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>The witness as a process of its own: it signs what grew, and no other history, whoever has the log's key.</summary>
public sealed class WitnessTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_witness_signs_what_grew_and_neither_a_fork_nor_a_roll_back_although_the_key_is_stolen()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-witness-");
        await using var log = await TreeOverLog.Begin(postgres);
        var witness = await Start(folder.FullName);
        try
        {
            var cosigner = new Cosigner(
                log.Store.Get<EventPool>(), TransparencyOptions.Default, [LogWitness.Read($"{witness.Key}@{witness.Address}")!], TimeProvider.System,
                NullLogger<Cosigner>.Instance);
            await log.Write(20, "a");
            await log.Grow();
            await cosigner.Ask(Cancel);
            await log.Write(20, "b");
            await log.Grow();
            await cosigner.Ask(Cancel);
            var signed = (await log.Log.Newest(Cancel))!;
            var trusted = new Trusted(VerifierKey.Read(TreeOverLog.Key.VerifierKey)!, [VerifierKey.Read(witness.Key)!], null);
            Assert.True(Verification.OfText(signed.Note, trusted).IsGood);
            Assert.False(Verification.OfText(signed.Note.Replace("\n40\n", "\n41\n", StringComparison.Ordinal), trusted).IsGood);
            var note = Path.Combine(folder.FullName, "note");
            await File.WriteAllTextAsync(note, signed.Note, Cancel);
            Assert.Equal(0, (await TreeTests.Node(note, "--key", TreeOverLog.Key.VerifierKey, "--witness", witness.Key)).Code);
            // What only the log has signed does not do for who wants the witness, too.
            await log.Write(1, "c");
            var alone = await log.Grow();
            Assert.False(Verification.OfText(alone.Note, trusted).IsGood);
            // So a proof comes with the newest that both have signed, and with the log's alone only where there is none.
            Assert.Equal(signed.Size, (await Proof(log, 7)).Checkpoint.Size);
            Assert.Equal(alone.Size, (await Proof(log, 40)).Checkpoint.Size);
            // Who keeps a newer one than the witness has signed is not shown an older one.
            Assert.Equal(alone.Size, (await Proof(log, 7, from: alone.Size)).Checkpoint.Size);
            Assert.Equal(signed.Size, (await Proof(log, 7, from: signed.Size)).Checkpoint.Size);

            // Somebody has the log's key and the database.
            Assert.Equal((HttpStatusCode.Conflict, "40\n"), await witness.Ask(0, [], Fake(40)));
            Assert.Equal((HttpStatusCode.Conflict, "40\n"), await witness.Ask(40, [], Fake(40)));
            Assert.Equal(HttpStatusCode.BadRequest, (await witness.Ask(40, [], Fake(39))).Status);
            Assert.Equal((HttpStatusCode.Conflict, "40\n"), await witness.Ask(30, [new byte[32]], Fake(35)));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await witness.Ask(40, [new byte[32]], Fake(41))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await witness.Ask(40, [], signed.Note.Replace("\n40\n", "\n41\n", StringComparison.Ordinal))).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await witness.Ask(0, [], SignedNote.Sign(
                SignedNote.Checkpoint("elsewhere", 1, new byte[32]), LogKey.Of(new SharedSecret("another secret, of somebody else at all"), "elsewhere")))).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await witness.Ask(40, [], "no note")).Status);

            await using (var database = NpgsqlDataSource.Create(log.AsOwner))
            await using (var superuser = await database.OpenConnectionAsync(Cancel))
            {
                await using var change = new NpgsqlCommand("""update mt_events set data = '{"text": "another"}' where seq_id = 7""", superuser);
                await change.ExecuteNonQueryAsync(Cancel);
                await TamperTests.SignAgain(superuser);
            }

            Assert.True((await log.Verify()).IsGood);
            Assert.False((await log.Verify(signed)).IsGood);
            await cosigner.Ask(Cancel);
            Assert.False(Verification.OfText((await log.Log.Newest(Cancel))!.Note, trusted).IsGood);

            // Rolled back to before what it signed, by the log's own node.
            await using (var database = NpgsqlDataSource.Create(log.AsOwner))
            await using (var superuser = await database.OpenConnectionAsync(Cancel))
            {
                await using var change = new NpgsqlCommand("delete from mt_events where seq_id > 30", superuser);
                await change.ExecuteNonQueryAsync(Cancel);
                await TamperTests.SignAgain(superuser);
            }

            await cosigner.Ask(Cancel);
            Assert.False(Verification.OfText((await log.Log.Newest(Cancel))!.Note, trusted).IsGood);

            // It remembers across its own death.
            await witness.DisposeAsync();
            witness = await Start(folder.FullName);
            Assert.Equal((HttpStatusCode.Conflict, "40\n"), await witness.Ask(0, [], Fake(40)));
        }
        finally
        {
            await witness.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Inclusion.Proven> Proof(TreeOverLog log, long leaf, long from = 0) => Assert.IsType<Inclusion.Proven>(
        await log.Log.Prove(await log.Store.Scalar<Guid>($"select event_id from eventfiles.log_leaves where leaf = {leaf}"), from, Cancel));

    private static string Fake(long size) =>
        SignedNote.Sign(SignedNote.Checkpoint(TreeOverLog.Key.Origin, size, new byte[32]), TreeOverLog.Key);

    private static async Task<WitnessProcess> Start(string folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "EventFiles.Witness.dll"), "--name", "witness.example", "--data", folder,
                "--logs", TreeOverLog.Key.VerifierKey, "--urls", "http://127.0.0.1:0",
            ])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var (key, address) = ("", "");
        while (address.Length == 0 && await process.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            if (line.StartsWith("Key:", StringComparison.Ordinal))
                key = line[4..].Trim();
            if (line.StartsWith("Here:", StringComparison.Ordinal))
                address = line[5..].Trim();
        }

        return new WitnessProcess(process, key, address);
    }

    private sealed class WitnessProcess(Process process, string key, string address) : IAsyncDisposable
    {
        private readonly HttpClient http = new() { BaseAddress = new Uri(address) };

        public string Key => key;

        public string Address => address;

        public async Task<(HttpStatusCode Status, string Text)> Ask(long old, byte[][] proof, string note)
        {
            var body = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {old}\n");
            foreach (var hash in proof)
                body.Append(Convert.ToBase64String(hash)).Append('\n');
            using var content = new StringContent(body.Append('\n').Append(note).ToString());
            using var reply = await http.PostAsync(new Uri("add-checkpoint", UriKind.Relative), content, Cancel);
            return (reply.StatusCode, await reply.Content.ReadAsStringAsync(Cancel));
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
