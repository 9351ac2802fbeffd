import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    server = StdioServerParameters(command=sys.argv[1], args=["mcp"], env=dict(os.environ))
    async with stdio_client(server) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            for tool in (await session.list_tools()).tools:
                arguments = {"profiles": ["dev"]} if tool.name == "verify" else {}
                result = await session.call_tool(tool.name, arguments)
                assert json.loads(result.content[0].text)["schema_version"] == 1
                print(tool.name, getattr(result, "isError", getattr(result, "is_error", None)))


asyncio.run(main())
