using System.Text.Json.Nodes;

namespace EventFiles.Features.Share;

/// <summary>How grants of the first shape are read: they were of files, to accounts, by the owner.</summary>
internal static class ShareShapes
{
    /// <summary>The file becomes what is shared, the account whom it is shared with.</summary>
    public static JsonObject OfFilesAndAccounts(JsonObject former)
    {
        var now = new JsonObject { ["on"] = new JsonObject { ["id"] = former["file"]!.DeepClone(), ["isFolder"] = false } };
        foreach (var (name, value) in former)
        {
            if (name == "grantee")
                now[name] = new JsonObject { ["id"] = value!.DeepClone(), ["isGroup"] = false };
            else if (name != "file")
                now[name] = value?.DeepClone();
        }

        return now;
    }

    /// <summary>The same for what says how much is granted: nobody could pass it on.</summary>
    public static JsonObject OfGrants(JsonObject former)
    {
        var now = OfFilesAndAccounts(former);
        now["mayShare"] = false;
        return now;
    }
}
